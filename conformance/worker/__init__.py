"""What runs inside the environment under test: standard library and NumPy only, Python 3.7 or newer."""
