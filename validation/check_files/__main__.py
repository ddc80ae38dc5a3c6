"""Read public files of a kind with our readers and with others', and write what came out of it to the docs.

Usage: ``python -m validation.check_files weather networks``.
"""

from __future__ import annotations

import argparse
import importlib
import subprocess  # nosec B404
import sys

KINDS = {"weather": "validation.check_files.weather", "networks": "validation.check_files.networks"}
"""Kinds of files, and the module of each, whose `main` returns how many files came out wrong."""


def main() -> int:
    """Check the kinds that are asked for, or all; return 1 if a file came out wrong.

    Several kinds are checked in a process each: the library that reads GRIB brings map projections of its own, after
    which PyPSA cannot open a network.
    """
    parser = argparse.ArgumentParser(prog="python -m validation.check_files", description=__doc__)
    parser.add_argument("kinds", nargs="*", choices=[[], *KINDS], metavar="KIND", help=", ".join(KINDS))
    kinds = parser.parse_args().kinds or [*KINDS]
    if len(kinds) == 1:
        return 1 if importlib.import_module(KINDS[kinds[0]]).main() else 0
    command = [sys.executable, "-m", "validation.check_files"]
    return max(subprocess.run([*command, kind], check=False).returncode for kind in kinds)  # noqa: S603 # nosec B603


if __name__ == "__main__":
    sys.exit(main())
