"""A scratch copy of the package to change and to run, as those do who follow a worked example."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from gridmodel.inputs.files import ROOT


def copy_package(folder: Path) -> Path:
    """Copy the package with its compiled files, so that only what is changed is compiled anew; data are the checkout's."""
    shutil.copytree(ROOT / "gridmodel", folder / "gridmodel")
    for name in ("networks", "weather", "scenarios"):
        (folder / name).symlink_to(ROOT / name)
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    """Content of every file of a folder by its place in it, compiled ones left out."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }


def touched(before: dict[str, bytes], after: dict[str, bytes]) -> set[str]:
    """Names of files that were added, removed or changed."""
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


def python(
    folder: Path, *args: str, cwd: Path | None = None, within_s: float = 300
) -> subprocess.CompletedProcess[str]:  # fmt: skip
    """Run python with the copy in a folder in front of the checkout, for some seconds at most."""
    env = os.environ | {"PYTHONPATH": str(folder)}
    return subprocess.run(
        [sys.executable, *args],
        cwd=cwd or folder,
        env=env,
        timeout=within_s,
        capture_output=True,
        text=True,
        check=False,
    )
