"""The front door of a checkout: `python cli.py …` is `gridmodel …` once installed."""

from gridmodel.commands import main

if __name__ == "__main__":
    main()
