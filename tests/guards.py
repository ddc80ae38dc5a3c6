"""Checks of the repository itself: each function returns problems as sentences, and none when all is well."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import shlex
import subprocess
from functools import cache
from pathlib import Path

import click

import gridmodel as gm
from gridmodel.commands import main
from gridmodel.events import EVENTS
from gridmodel.inputs.files import ROOT
from gridmodel.scenario import Scenario
from gridmodel.services.power.variables import CASCADE_VARIABLES
from gridmodel.services.registry import VARIABLES
from gridmodel.studies.sweep import SweepFile

FENCE = re.compile(r"^(`{3,}|~{3,})(\w*)[^\n]*\n(.*?)^\1\s*$", re.DOTALL | re.MULTILINE)
CODE = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.DOTALL)
LINK = re.compile(r"\]\(\s*<?([^)>\s]+)")
REFERENCE = re.compile(r"^\s*\[[^\]]+\]:\s*(\S+)", re.MULTILINE)
HTML = re.compile(r"<(?:img|source|a)\b[^>]*?\b(?:src|srcset|href)=[\"']([^\"'\s]+)")
STIFF = re.compile(r'\b(?:is|are) no |^[ \t]*"""What ', re.MULTILINE)
MARKER = re.compile(r"^(?:<{7}(?: .*)?|>{7}(?: .*)?|\|{7}(?: .*)?|={7})$", re.MULTILINE)
MACHINE = (
    (re.compile(r"(?<![\w.:/-])/(?:home|root|work|Users)/[\w.-]+"), "a path of one machine"),
    (re.compile(r"\b[A-Z]:\\Users\\\w+"), "a path of one machine"),
    (re.compile(r"file://(?:localhost)?/\w"), "a path of one machine"),
    (re.compile(r"--(?:extra-)?index[-]url|\b(?:PIP|UV)_(?:EXTRA_)?INDEX[_]URL\b|/simpl[e]/"),
     "the address of a package registry"),
)  # fmt: skip
OTHER_PROGRAMS = ("git ", "pip ", "dask ", "make ", "python ", "sbatch ", "apt-get ", "pytest ", "docker ")
"""Beginnings of code spans whose options are not gridmodel's."""


def tracked_files() -> list[Path]:
    """Return the files under version control that are in the work tree."""
    names = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files", "-z"], check=True, capture_output=True, text=True
    ).stdout  # fmt: skip
    return [path for name in names.split("\0") if name and (path := ROOT / name).is_file()]


def text_of(path: Path) -> str:
    """Return the text of a file, nothing for a picture or other binary file."""
    data = path.read_bytes()
    return "" if b"\0" in data[:8000] else data.decode("utf-8", errors="replace")


def conflict_markers(text: str) -> list[str]:
    """Find lines that a merge left behind."""
    return [f"line {_line(text, found)}: conflict marker" for found in MARKER.finditer(text)]


def machine_paths(text: str) -> list[str]:
    """Find paths of one machine and addresses of package registries."""
    return [
        f"line {_line(text, found)}: {found[0]} is {what}"
        for pattern, what in MACHINE
        for found in pattern.finditer(text)
    ]


def stiff_sentences(text: str) -> list[str]:
    """Find sentences that a native speaker would not write: "is no member", and docstrings that begin with "What"."""
    return [f"line {_line(text, found)}: {found[0].strip()}" for found in STIFF.finditer(text)]


def _line(text: str, found: re.Match[str]) -> int:
    return text.count("\n", 0, found.start()) + 1


def without_code(text: str) -> str:
    """Blank the fenced blocks and code spans of a Markdown page."""
    return CODE.sub("", FENCE.sub("", text))


def links(text: str) -> list[str]:
    """Return the targets of a page's links that lead into the repository."""
    plain = without_code(text)
    found = [*LINK.findall(plain), *REFERENCE.findall(plain), *HTML.findall(plain)]
    return [target for target in found if not re.match(r"[a-z][a-z0-9+.-]*:", target)]


def anchors(text: str) -> set[str]:
    """Return the anchors of a page's headings, as code hosts make them."""
    known: set[str] = set()
    for heading in re.findall(r"^#{1,6}\s+(.+?)\s*#*\s*$", FENCE.sub("", text), re.MULTILINE):
        shown = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "").lower()
        base = name = re.sub(r"[^\w\- ]", "", shown).replace(" ", "-")
        count = 0
        while name in known:
            count += 1
            name = f"{base}-{count}"
        known.add(name)
    return known | set(re.findall(r"<a (?:id|name)=\"([^\"]+)\"", text))


def dead_links(path: Path, text: str) -> list[str]:
    """Find links whose file or heading does not exist."""
    problems = []
    for target in links(text):
        name, _, anchor = target.partition("#")
        other = (path.parent / name).resolve() if name else path
        if name and not other.exists():
            problems.append(f"{target}: there is no such file")
        elif anchor and other.suffix == ".md":
            there = text if other == path else other.read_text(encoding="utf-8")
            if anchor not in anchors(there):
                problems.append(f"{target}: that page has no such heading")
    return problems


def unreachable(start: Path, pages: dict[Path, str]) -> list[Path]:
    """Return the pages that following links from one page does not reach."""
    reached, waiting = {start}, [start]
    while waiting:
        page = waiting.pop()
        for target in links(pages[page]):
            other = (page.parent / target.partition("#")[0]).resolve()
            if other in pages and other not in reached:
                reached.add(other)
                waiting.append(other)
    return sorted(set(pages) - reached)


def spans(text: str) -> list[str]:
    """Return the code spans of a page outside its fenced blocks, each as one line."""
    return [" ".join(found[1].split()) for found in CODE.findall(FENCE.sub("", text))]


def blocks(text: str, *languages: str) -> list[str]:
    """Return the fenced blocks of a page that are marked with one of these languages."""
    return [body for _, language, body in FENCE.findall(text) if language in languages]


def unknown_commands(text: str) -> list[str]:
    """Find commands and options of gridmodel that do not exist."""
    shell = "\n".join(blocks(text, "", "console", "sh", "shell", "bash", "text")).replace("\\\n", " ")
    lines = [found[1] for line in shell.splitlines() if (found := re.search(r"(?<![\w=.'\[-])gridmodel (.*)", line))]
    problems = []
    for span in spans(text):
        if found := re.match(r"(?:\.venv/bin/|python -m )?gridmodel (.*)", span):
            lines.append(found[1])
        elif span.startswith("--") and not span.startswith("-- "):
            option = re.split(r"[ =]", span)[0]
            if option not in _all_options():
                problems.append(f"`{span}`: no command has {option}")
        elif " --" in span and span.split()[0] in main.commands and not span.startswith(OTHER_PROGRAMS):
            lines.append(span)
    return problems + [problem for line in lines for problem in _wrong_words(line)]


def _wrong_words(line: str) -> list[str]:
    """Follow the words of a command line through the groups of commands."""
    try:
        words = shlex.split(line, comments=True)
    except ValueError:  # a quotation that began before the command
        words = line.replace("'", " ").replace('"', " ").split()
    here: list[click.Command] = [main]
    for word in words:
        if word in {"|", ">", ">>", "<", "&&", ";", "&"}:
            break
        groups = [command for command in here if isinstance(command, click.Group)]
        if word.startswith("-") and len(word) > 1:
            if not all(_has_option(command, word) for command in here):
                return [f"gridmodel {line}: {here[0].name} has no option {word.split('=')[0]}"]
        elif groups and re.fullmatch(r"[a-z][a-z|-]*", word):
            names = word.split("|")
            if unknown := [name for name in names if not any(name in group.commands for group in groups)]:
                return [f"gridmodel {line}: there is no command {unknown[0]}"]
            here = [group.commands[name] for group in groups for name in names if name in group.commands]
    return []


def _has_option(command: click.Command, word: str) -> bool:
    options = {option for given in command.params for option in (*given.opts, *given.secondary_opts)}
    return word.partition("=")[0] in options | {"--help", "-h"}


@cache
def _all_options() -> frozenset[str]:
    found, waiting = {"--help", "--check"}, [main]  # scripts beside tables and pages have --check
    while waiting:
        command = waiting.pop()
        found.update(option for given in command.params for option in (*given.opts, *given.secondary_opts))
        waiting.extend(command.commands.values() if isinstance(command, click.Group) else [])
    return frozenset(found)


def unknown_names(text: str) -> list[str]:
    """Find names of the library, and keywords of its functions, that do not exist."""
    code = [*spans(text), *blocks(text, "python", "py")]
    problems = []
    for part in code:
        named = [(f"gm{name}", f"gridmodel{name}") for name in re.findall(r"(?<![\w.])gm((?:\.[A-Za-z_]\w*)+)", part)]
        named += [(name, name) for name in re.findall(r"(?<![\w.\[/])gridmodel(?:\.[A-Za-z_]\w*)+", part)
                  if not name.endswith((".yaml", ".toml", ".md", ".py"))]  # fmt: skip
        problems += [f"{shown} does not exist" for shown, name in named if _resolve(name) is None]
        problems += _unknown_keywords(part)
    return problems


def _resolve(name: str) -> object | None:
    first, *rest = name.split(".")
    there: object = importlib.import_module(first)
    path = first
    for step in rest:
        path = f"{path}.{step}"
        if not hasattr(there, step):
            try:
                there = importlib.import_module(path)
            except ImportError:
                return None
        else:
            there = getattr(there, step)
    return there


def _unknown_keywords(code: str) -> list[str]:
    ready = re.sub(r"=(?=[,)])", "=0", code).replace("…", "...")  # `gm.f(years=)` names a keyword
    try:
        calls = [node for node in ast.walk(ast.parse(ready)) if isinstance(node, ast.Call)]
    except SyntaxError:
        return []
    problems = []
    for call in calls:
        name = ast.unparse(call.func)
        there = _resolve(name.replace("gm", "gridmodel", 1)) if re.fullmatch(r"gm(\.\w+)+", name) else None
        if not callable(there):
            continue
        taken = inspect.signature(there).parameters
        if any(one.kind is inspect.Parameter.VAR_KEYWORD for one in taken.values()):
            continue
        problems += [f"{name} takes no {key.arg}" for key in call.keywords if key.arg and key.arg not in taken]
    return problems


def unknown_words(text: str) -> list[str]:
    """Find settings and variables that do not exist.

    Where a page says that a word is one of them (a column of a table, "the setting `…`", a key of a scenario in YAML),
    it must be just that. Any other `word_like_this` must at least occur in the code or as a column of a bundled table.
    """
    plain = FENCE.sub("", text)
    problems = []
    for kind, names in (("setting", set(Scenario.model_fields)), ("variable", {*VARIABLES, *CASCADE_VARIABLES})):
        word = r"`(\w+)`" if kind == "setting" else r"`(\w+_\w+)`"  # files of weather have a variable `temperature`
        claimed = re.findall(rf"\b{kind}s? {word}|{word} {kind}s?\b", plain)
        told = {word for pair in claimed for word in pair if word} | _first_column(plain, kind)
        problems += [f"`{word}` is not a {kind}" for word in sorted(told - names)]
    keys = re.findall(r"^([a-z_]+):(?: |$)", "\n".join([*blocks(text, "yaml", "yml"), *spans(plain)]), re.MULTILINE)
    problems += [f"`{key}:` is not a key of a scenario or sweep" for key in sorted(set(keys) - _keys())]
    words = {word for span in spans(text) for word in re.findall(r"(?<![\w./:-])[a-z][a-z0-9]*(?:_[a-z0-9]+)+\b(?!\.\w)", span)
             if "://" not in span}  # fmt: skip
    return problems + [f"`{word}` is not a name in the code or its data" for word in sorted(words - _known_words())]


def _first_column(text: str, heading: str) -> set[str]:
    found: set[str] = set()
    inside = -1
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")] if line.startswith("|") else []
        if heading in cells:
            inside = cells.index(heading)
        elif not cells:
            inside = -1
        elif 0 <= inside < len(cells):
            found.update(re.findall(r"`([a-z_0-9]+)`", cells[inside]))
    return found


def _keys() -> set[str]:
    """Return the keys of a scenario, a sweep, an event, and of Dask's settings."""
    return {*Scenario.model_fields, *SweepFile.model_fields, *(column.name for column in EVENTS.columns), "distributed"}


@cache
def _known_words() -> frozenset[str]:
    """Return every word with an underscore in the code, beside it, and in the headings of bundled tables."""
    code = [path for part in ("gridmodel", "validation", "networks", "weather") for path in (ROOT / part).rglob("*.py")]
    words = {word for path in code for word in re.findall(r"\w*_\w*", path.read_text(encoding="utf-8"))}
    tables = [path for part in ("networks", "weather", "scenarios") for path in (ROOT / part).rglob("*.csv")]
    for path in tables:
        with path.open(encoding="utf-8") as lines:
            words.update(re.findall(r"\w+", lines.readline()))
    words.update(name for name in dir(gm) if "_" in name)
    words.update(Scenario.model_fields)  # some are named by a table
    words.update(f"person_hours_{name.removeprefix('people_')}" for name in VARIABLES if name.startswith("people_"))
    return frozenset(words)
