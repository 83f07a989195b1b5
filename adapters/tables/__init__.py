"""What each framework offers: tables of implementations, a package for each framework, a module for each family."""
