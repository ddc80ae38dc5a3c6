"""Read public files of a kind with our readers and with others', and write what came out of it to the docs.

Usage: ``python -m validation.check_files weather``.
"""

from __future__ import annotations

import argparse
import importlib
import sys

KINDS = {"weather": "validation.check_files.weather"}
"""Kinds of files, and the module of each, whose `main` returns how many files came out wrong."""


def main() -> int:
    """Check the kinds that are asked for, or all; return 1 if a file came out wrong."""
    parser = argparse.ArgumentParser(prog="python -m validation.check_files", description=__doc__)
    parser.add_argument("kinds", nargs="*", choices=[[], *KINDS], metavar="KIND", help=", ".join(KINDS))
    wrong = sum(importlib.import_module(KINDS[kind]).main() for kind in parser.parse_args().kinds or KINDS)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
