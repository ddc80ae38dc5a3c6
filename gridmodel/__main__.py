"""`python -m gridmodel`."""

from gridmodel.commands import main

if __name__ == "__main__":
    main()
