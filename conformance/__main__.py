"""`python -m conformance`: the command line, where the console script is not on the PATH."""

from conformance.commands import main

if __name__ == "__main__":
    main()
