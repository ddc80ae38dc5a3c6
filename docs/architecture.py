"""Pictures of docs/architecture.md, read from the code: the rooms and their imports, and the data of one run."""

from __future__ import annotations

import ast
import inspect
import math
import re
import textwrap
import tomllib
from collections import Counter
from html import escape
from importlib import import_module

import grimp

from gridmodel.inputs.files import ROOT
from gridmodel.services.registry import SERVICES
from gridmodel.simulation import inputs

WIDTH = 900
"""Width of both pictures. [px]"""
BESIDE = {"__main__", "compiling", "version"}
"""Modules beside the rooms."""
TOOLS = {"arrays", "errors", "inputs", "vocabulary", "regions"}
"""Rooms that any other room uses: no step of the flow of data."""
STYLE = """\
.page{fill:#fff}.floor{fill:#f2f5f8}.box{fill:#e3edf7;stroke:#5b7fa6}.same{fill:#d5dce3}
text{font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Liberation Sans",Arial,sans-serif;fill:#3b4652;font-size:12px}
.name{font-weight:600;fill:#14202c;font-size:13px}.dot{fill:#1f6fb2}.grid{stroke:#d5dce3}
.now,.next{fill:none;stroke:#1f6fb2;stroke-width:1.8}.next{stroke:#b3541e;stroke-dasharray:5 4}
.nowhead{fill:#1f6fb2}.nexthead{fill:#b3541e}
@media (prefers-color-scheme:dark){.page{fill:#10161d}.floor{fill:#18212b}.box{fill:#1d2e40;stroke:#6f97c2}
.same{fill:#33404d}text{fill:#b8c4d0}.name{fill:#eef3f8}.dot{fill:#6db3f2}.grid{stroke:#33404d}
.now{stroke:#6db3f2}.next{stroke:#f0a070}.nowhead{fill:#6db3f2}.nexthead{fill:#f0a070}}
"""


def floors() -> list[list[str]]:
    """Return the rooms of each floor of the import contract, from the top down."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    (contract,) = [
        one for one in settings["tool"]["importlinter"]["contracts"] if one.get("containers") == ["gridmodel"]
    ]
    found = [[room.strip() for room in floor.split("|")] for floor in contract["layers"]]
    return [rooms for floor in found if (rooms := [room for room in floor if room not in BESIDE])]


def room_imports() -> Counter[tuple[str, str]]:
    """Count, for each pair of rooms, the imports of the first that lead into the second."""
    graph = grimp.build_graph("gridmodel", exclude_type_checking_imports=True, cache_dir=None)
    pairs: Counter[tuple[str, str]] = Counter()
    for module in graph.modules:
        for other in graph.find_modules_directly_imported_by(module):
            pair = _room(module), _room(other)
            if "" not in pair and pair[0] != pair[1]:
                pairs[pair] += 1
    return pairs


def _room(module: str) -> str:
    return module.split(".")[1] if "." in module else ""


def purpose(module: str) -> str:
    """Return the first sentence of a module's docstring."""
    text = inspect.getdoc(import_module(module)) or ""
    words = text.split("\n\n")[0].replace("\n", " ").replace("`", "").removesuffix(".")
    name, _, rest = words.partition(": ")
    return rest[0].upper() + rest[1:] if rest and name.lower() == module.rpartition(".")[2] else words


def brief(module: str) -> str:
    """Return what a module's docstring says before its first colon or semicolon."""
    return re.split(r"[:;]", purpose(module))[0]


def rooms_picture() -> str:
    """Draw the rooms from the top down, with a dot where one imports another."""
    rooms, pairs = [room for floor in floors() for room in floor], room_imports()
    row, cell, left, top = 36, 20, 530, 92
    height = top + row * len(rooms) + 12
    parts = [f'<text x="12" y="{top - 34}" class="name">Rooms of gridmodel</text>',
             f'<text x="12" y="{top - 14}">A dot means that the room of the row imports the room of the column.</text>']  # fmt: skip
    y = top
    for number, floor in enumerate(floors()):
        if number % 2 == 0:
            parts.append(f'<rect class="floor" x="4" y="{y}" width="{WIDTH - 8}" height="{row * len(floor)}" rx="4"/>')
        y += row * len(floor)
    for number, room in enumerate(rooms):
        middle, x = top + row * (number + 0.5), left + cell * (number + 0.5)
        parts += [f'<text class="name" x="12" y="{middle + 4:g}">{room}</text>',
                  f'<line class="grid" x1="{x:g}" x2="{x:g}" y1="{top}" y2="{height - 12}"/>',
                  f'<text transform="translate({x + 4:g} {top - 6}) rotate(-90)">{room}</text>',
                  f'<rect class="same" x="{x - 7:g}" y="{middle - 7:g}" width="14" height="14" rx="2"/>']  # fmt: skip
        parts += _lines(purpose(f"gridmodel.{room}"), 112, middle, width=60)
    most = max(pairs.values())
    for (user, used), count in sorted(pairs.items()):
        if user in rooms and used in rooms:
            x, y_dot = left + cell * (rooms.index(used) + 0.5), top + row * (rooms.index(user) + 0.5)
            parts.append(f'<circle class="dot" cx="{x:g}" cy="{y_dot:g}" r="{3 + 6 * math.sqrt(count / most):.1f}">'
                         f"<title>{user} imports {used}: {count}</title></circle>")  # fmt: skip
    return _svg(parts, height, "Rooms of the package from the top down, and which of them imports which")


Pairs = dict[tuple[str, str], list[str]]
"""Variables that a first service gives a second."""


def flow() -> tuple[Pairs, Pairs]:
    """Return what services read of each other within a step, and what they read of the step before."""
    order = [service.name for service in SERVICES]
    owner = {name: service.name for service in SERVICES for name in (*service.variables, *service.signals)}
    now: Pairs = {}
    later: Pairs = {}
    for service in SERVICES:
        for name in service.reads:
            pairs = now if order.index(owner[name]) < order.index(service.name) else later
            pairs.setdefault((owner[name], service.name), []).append(name)
    return now, later


def _rooms_of_inputs() -> list[str]:
    """Return the rooms that the inputs of a run come from, in the order of the contract, from the bottom up."""
    tree = ast.parse(inspect.getsource(inputs))
    used = {_room(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}
    return [room for floor in reversed(floors()) for room in floor if room in used - TOOLS]


def flow_picture() -> str:
    """Draw the data of a run: what is read before, who works in a step and takes from whom, and who reads the result."""
    now, later = flow()
    tall, gap, top = 66, 20, 52
    bottom = top + len(SERVICES) * (tall + gap) - gap
    height = bottom + 60
    parts = [
        _heading(12, "Before: run inputs"),
        _heading(300, "Every step, all members at once"),
        _heading(690, "After: the result"),
    ]
    parts += _column(_rooms_of_inputs(), 12, 200, top, bottom)
    above = [room for floor in floors() for room in floor]
    readers = [room for room in reversed(above[: above.index("results") + 1]) if room != "simulation"]
    parts += _column(readers, 690, 198, top, bottom)
    middle: dict[str, float] = {}
    for number, service in enumerate(SERVICES):
        y = top + number * (tall + gap)
        middle[service.name] = y + tall / 2
        parts += [f'<rect class="box" x="300" y="{y}" width="290" height="{tall}" rx="6"/>',
                  f'<text class="name" x="312" y="{y + 17}">{service.name}</text>',
                  *_below(purpose(service.module.removesuffix(".service")), 312, y + 32, width=40, most=3)]  # fmt: skip
    parts += _arrows("now", now, middle) + _arrows("next", later, middle)
    y_middle = (top + bottom) / 2
    parts += [f'<path class="now" d="M214 {y_middle:g}H232" marker-end="url(#now)"/>',
              f'<path class="now" d="M662 {y_middle:g}H684" marker-end="url(#now)"/>',
              f'<path class="now" d="M300 {height - 22}h34" marker-end="url(#now)"/><text x="346" y="{height - 18}">within the step</text>',
              f'<path class="next" d="M452 {height - 22}h34" marker-end="url(#next)"/><text x="498" y="{height - 18}">felt in the next step</text>']  # fmt: skip
    return _svg(parts, height, "Data of a run: inputs, the services of a step in order, and who reads the result")


def _arrows(kind: str, pairs: Pairs, middle: dict[str, float]) -> list[str]:
    """Draw who gives whom: within a step to the right of the services, to the next step on their left."""
    x, side, order = (590, 1, list(middle)) if kind == "now" else (300, -1, list(middle))
    parts = []
    for (giver, taker), names in pairs.items():
        bend = x + side * (12 + 14 * abs(order.index(giver) - order.index(taker)))
        begin, end = middle[giver] + 8 * side, middle[taker] - 8 * side
        parts.append(f'<path class="{kind}" d="M{x} {begin:g}C{bend} {begin:g} {bend} {end:g} {x + 3 * side} {end:g}" '
                     f'marker-end="url(#{kind})"><title>{giver} to {taker}: {", ".join(names)}</title></path>')  # fmt: skip
    return parts


def _column(rooms: list[str], x: float, width: float, top: float, bottom: float) -> list[str]:
    """Draw rooms as boxes below each other, from `top` to `bottom`, with as much of their purpose as there is room for."""
    each = (bottom - top + 10) / len(rooms)
    said = purpose if each > 90 else brief
    parts = []
    for number, room in enumerate(rooms):
        y = top + number * each
        parts += [f'<rect class="box" x="{x}" y="{y:.1f}" width="{width}" height="{each - 10:.1f}" rx="6"/>',
                  f'<text class="name" x="{x + 10}" y="{y + 17:.1f}">{room}</text>',
                  *_below(said(f"gridmodel.{room}"), x + 10, y + 33, width=27, most=4)]  # fmt: skip
    return parts


def _heading(x: float, text: str) -> str:
    return f'<text class="name" x="{x}" y="34">{text}</text>'


def _lines(text: str, x: float, middle: float, *, width: int, most: int = 2) -> list[str]:
    """Set a text in lines of at most `width` characters around a height; what does not fit ends with an ellipsis."""
    lines = textwrap.wrap(text, width, max_lines=most, placeholder=" …")
    return _below(text, x, middle + 4 - 7 * (len(lines) - 1), width=width, most=most)


def _below(text: str, x: float, first: float, *, width: int, most: int) -> list[str]:
    """Set a text in lines of at most `width` characters, the first at a height."""
    lines = textwrap.wrap(text, width, max_lines=most, placeholder=" …")
    return [f'<text x="{x}" y="{first + 14 * number:.1f}">{escape(line)}</text>' for number, line in enumerate(lines)]


def _svg(parts: list[str], height: float, title: str) -> str:
    heads = "".join(
        f'<marker id="{kind}" viewBox="0 0 8 8" refX="6" refY="4" markerWidth="7" markerHeight="7" orient="auto" '
        f'markerUnits="userSpaceOnUse"><path class="{kind}head" d="M0 0L8 4L0 8z"/></marker>' for kind in ("now", "next")
    )  # fmt: skip
    head = (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:g}" width="{WIDTH}" height="{height:g}" '
            f'role="img" aria-label="{escape(title)}"><title>{escape(title)}</title>')  # fmt: skip
    page = f'<rect class="page" width="{WIDTH}" height="{height:g}" rx="8"/>'
    return "\n".join([head, f"<style>{STYLE}</style><defs>{heads}</defs>", page, *parts, "</svg>"]) + "\n"
