"""Take the pages that lie outside docs/ into the site, and lead links between all of them there."""

from __future__ import annotations

import posixpath
import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("benchmarks", "networks", "scenarios", "validation", "weather")
LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^()\s]+)\)")
MARK = re.compile(r"\[(B(?:, [^\]\[]*)?)\](?!\()")
"""The mark of what is unconfirmed, which Markdown would take for a link to be found."""
FENCED = re.compile(r"^(```.*?^```[^\n]*$)", re.DOTALL | re.MULTILINE)


def _outside() -> list[str]:
    """Return the Markdown pages of the repository that are for readers and lie outside docs/."""
    found = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*.md")]
    found += [ROOT / name for name in ("CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")]
    return sorted(path.relative_to(ROOT).as_posix() for path in found)


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Name the notebooks that were run, after the how-tos."""
    made = sorted((ROOT / "docs" / "notebooks" / "made").glob("*.md"))
    if made and config.nav is not None:
        config.nav.insert(3, {"Notebooks": [f"notebooks/made/{path.name}" for path in made]})
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that lie outside docs/ under the names that they have in the repository."""
    for name in _outside():
        files.append(File.generated(config, name, abs_src_path=str(ROOT / name)))
    return files


def on_page_markdown(markdown: str, page: Page, files: Files, **_: object) -> str:
    """Lead links to the page of the site that holds their target; what only the repository holds is named, not linked."""
    known = {file.src_uri for file in files if file.inclusion.is_included()}
    here = page.file.src_uri
    home = here if here in _OUTSIDE else f"docs/{here}"

    def led(match: re.Match[str]) -> str:
        mark, text, target = match.groups()
        if re.match(r"[a-z]+:|#", target):
            return match.group()
        path, _, heading = target.partition("#")
        there = posixpath.normpath(posixpath.join(posixpath.dirname(home), path))
        inside = "index.md" if there == "README.md" else there.removeprefix("docs/")
        if inside not in known:
            return text if (ROOT / there).exists() else match.group()
        way = posixpath.relpath(inside, posixpath.dirname(here) or ".")
        return f"{mark}[{text}]({way}{'#' + heading if heading and there != 'README.md' else ''})"

    parts = FENCED.split(markdown)
    return "".join(part if part.startswith("```") else MARK.sub(r"\\[\1\\]", LINK.sub(led, part)) for part in parts)


_OUTSIDE = set(_outside())
