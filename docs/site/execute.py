"""Run the notebooks of docs/notebooks and write each as a page with what it printed and drew: ``make docs NOTEBOOKS=1``."""

from __future__ import annotations

import os
import re
import sys
import tempfile
from pathlib import Path

import jupytext
from nbclient import NotebookClient
from nbconvert import MarkdownExporter

NOTEBOOKS = Path(__file__).resolve().parents[1] / "notebooks"
LONGEST_S = 1800
STYLE = re.compile(r"<style scoped>.*?</style>\s*", re.DOTALL)
"""Looks that pandas gives its tables; the site has its own."""


def main() -> int:
    """Run every notebook in a folder of its own; an error in one ends the build."""
    os.environ.setdefault("GRIDMODEL_PEERS", str(NOTEBOOKS.parents[1] / ".venv-peers" / "bin" / "python"))
    made = NOTEBOOKS / "made"
    made.mkdir(exist_ok=True)
    for source in sorted(NOTEBOOKS.glob("*.py")):
        notebook = jupytext.read(source)
        with tempfile.TemporaryDirectory() as folder:
            client = NotebookClient(
                notebook,
                timeout=LONGEST_S,
                startup_timeout=300,
                kernel_name="python3",
                resources={"metadata": {"path": folder}},
            )
            client.execute()
        text, resources = MarkdownExporter().from_notebook_node(
            notebook, {"output_files_dir": source.stem, "unique_key": source.stem}
        )
        for name, content in resources["outputs"].items():
            picture = made / name
            picture.parent.mkdir(exist_ok=True)
            picture.write_bytes(content)
        (made / f"{source.stem}.md").write_text(STYLE.sub("", text), encoding="utf-8")
        sys.stdout.write(f"{source.name}: {len(notebook.cells)} cells\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
