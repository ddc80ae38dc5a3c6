"""Pictures of docs/architecture.md, read from the code: the rooms and their imports, and the data of one run."""

from __future__ import annotations

import ast
import inspect
import math
import re
import textwrap
import tomllib
from collections import Counter
from dataclasses import dataclass, field
from html import escape
from importlib import import_module

import grimp

from gridmodel.inputs.files import ROOT
from gridmodel.simulation import inputs, loop, record

WIDTH = 900
"""Width of both pictures. [px]"""
BESIDE = {"__main__", "version"}
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
    (contract,) = [one for one in settings["tool"]["importlinter"]["contracts"] if one["type"] == "layers"]
    found = [[room.strip() for room in floor.split("|")] for floor in contract["layers"]]
    return [rooms for floor in found if (rooms := [room for room in floor if room not in BESIDE])]


def room_imports() -> Counter[tuple[str, str]]:
    """Count, for each pair of rooms, the imports of the first that lead into the second."""
    graph = grimp.build_graph("gridmodel", exclude_type_checking_imports=True)
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
    return text.split("\n\n")[0].replace("\n", " ").replace("`", "").removesuffix(".")


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


@dataclass(slots=True)
class Flow:
    """What the services of a step take from each other."""

    order: list[str] = field(default_factory=list)
    """Services, in the order of a step."""
    now: set[tuple[str, str]] = field(default_factory=set)
    """Giver and taker within one step."""
    later: set[tuple[str, str]] = field(default_factory=set)
    """Giver and taker where the taker sees the step before."""


def flow() -> Flow:
    """Read what services take from each other in `simulation/loop.py`.

    Every call of a function of `gridmodel.services` in `_step`, by itself or in a helper of the loop, is that service at
    work; the names that it is given tell from whom it takes, and what is kept in `State` is seen in the next step.

    Raises
    ------
    LookupError
        If the loop has changed so that no service is found in it: then this reader must change too.
    """
    found = _LoopReader(ast.parse(inspect.getsource(loop))).read()
    found.now |= _read_in_the_record(found.order)
    if len(found.order) < 2 or not found.now or not found.later:
        msg = "simulation/loop.py has changed: teach docs/architecture.py how services are stepped now"
        raise LookupError(msg)
    return found


def _read_in_the_record(services: list[str]) -> set[tuple[str, str]]:
    """Return giver and taker where a service's note in the record reads a variable that another service noted."""
    (record_class,) = [node for node in ast.parse(inspect.getsource(record)).body
                       if isinstance(node, ast.ClassDef) and node.name == "Record"]  # fmt: skip
    notes = {node.name: list(ast.walk(node)) for node in record_class.body if isinstance(node, ast.FunctionDef)}
    noted = {
        name: {one.value for one in notes[name] if isinstance(one, ast.Constant)} for name in services if name in notes
    }
    read = {name: {one.slice.value for one in notes[name]
                   if isinstance(one, ast.Subscript) and isinstance(one.ctx, ast.Load) and _is_variable(one)}
            for name in noted}  # fmt: skip
    return {(giver, taker) for taker in read for giver in noted
            if services.index(giver) < services.index(taker) and read[taker] & noted[giver]}  # fmt: skip


def _is_variable(one: ast.Subscript) -> bool:
    return isinstance(one.slice, ast.Constant) and ast.unparse(one.value) == "keep"


class _LoopReader:
    def __init__(self, tree: ast.Module) -> None:
        self.functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
        self.services = {
            alias.name: node.module.split(".")[2]
            for node in tree.body if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("gridmodel.services.")
            for alias in node.names
        }  # fmt: skip
        self.flow = Flow()
        self.givers: dict[str, set[str]] = {}
        self.carried: dict[str, set[str]] = {}
        self.seen: list[tuple[str, str]] = []

    def read(self) -> Flow:
        for node in self.functions["_step"].body:
            self._statement(node)
        self.flow.later = {
            (giver, taker) for name, taker in self.seen for giver in self.carried[name] if giver != taker
        }  # fmt: skip
        return self.flow

    def _statement(self, node: ast.stmt) -> None:
        if isinstance(node, ast.If):
            for inner in node.body:
                self._statement(inner)
        elif isinstance(node, ast.Return) and isinstance(node.value, ast.Call):
            self.carried = {str(one.arg): self._handed(one.value) for one in node.value.keywords}
        elif isinstance(node, ast.Assign):
            given = self._expression(node.value)
            for name in _names(node.targets[0]):
                self.givers[name] = self.givers.get(name, set()) | given
        elif isinstance(node, ast.Expr):
            self._expression(node.value)

    def _expression(self, value: ast.expr) -> set[str]:
        """Note who works in an expression and what he takes; return who gives its value."""
        worker = self._worker(value) if isinstance(value, ast.Call) else None
        if worker is None:
            return self._handed(value)
        if worker not in self.flow.order:
            self.flow.order.append(worker)
        self.flow.now |= {(giver, worker) for giver in self._handed(value) if giver != worker}
        self.seen += [(name, worker) for name in self._states(value)]
        return {worker}

    def _worker(self, call: ast.Call) -> str | None:
        if isinstance(call.func, ast.Attribute):  # what the record notes of people is their service's
            about_people = ast.unparse(call.func) == "record.people"
            return "people" if about_people else None
        name = ast.unparse(call.func)
        if name in self.services:
            return self.services[name]
        called = ast.walk(self.functions[name]) if name in self.functions else ()
        found = [self.services[node.func.id] for node in called
                 if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in self.services
                 and node.func.id[0].islower()]  # fmt: skip
        return found[0] if found else None

    def _handed(self, value: ast.expr) -> set[str]:
        return {giver for name in _names(value) for giver in self.givers.get(name, ())}

    def _states(self, call: ast.Call) -> set[str]:
        """Return the parts of the state that a call is given, those that a helper picks included."""
        found = {
            node.attr
            for node in ast.walk(call)
            if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "state"
        }
        whole = any(isinstance(arg, ast.Name) and arg.id == "state" for arg in call.args)
        helper = self.functions.get(ast.unparse(call.func))
        if whole and helper is not None:
            found |= {
                node.attr
                for node in ast.walk(helper)
                if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "state"
            }
        return found


def _names(node: ast.expr) -> list[str]:
    return [inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)]


def _rooms_of_inputs() -> list[str]:
    """Return the rooms that the inputs of a run come from, in the order of the contract, from the bottom up."""
    tree = ast.parse(inspect.getsource(inputs))
    used = {_room(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}
    return [room for floor in reversed(floors()) for room in floor if room in used - TOOLS]


def flow_picture() -> str:
    """Draw the data of a run: what is read before, who works in a step and takes from whom, and who reads the result."""
    found = flow()
    tall, gap, top = 76, 22, 52
    height = top + len(found.order) * (tall + gap) + 46
    bottom = top + len(found.order) * (tall + gap) - gap
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
    for number, service in enumerate(found.order):
        y = top + number * (tall + gap)
        middle[service] = y + tall / 2
        parts += [f'<rect class="box" x="300" y="{y}" width="290" height="{tall}" rx="6"/>',
                  f'<text class="name" x="312" y="{y + 18}">{service}</text>',
                  *_below(purpose(f"gridmodel.services.{service}"), 312, y + 35, width=42, most=3)]  # fmt: skip
    parts += _arrows(found, middle)
    y_middle = (top + bottom) / 2
    parts += [f'<path class="now" d="M214 {y_middle:g}H232" marker-end="url(#now)"/>',
              f'<path class="now" d="M662 {y_middle:g}H684" marker-end="url(#now)"/>',
              f'<path class="now" d="M300 {height - 22}h34" marker-end="url(#now)"/><text x="346" y="{height - 18}">within the step</text>',
              f'<path class="next" d="M452 {height - 22}h34" marker-end="url(#next)"/><text x="498" y="{height - 18}">felt in the next step</text>']  # fmt: skip
    return _svg(parts, height, "Data of a run: inputs, the services of a step in order, and who reads the result")


def _arrows(found: Flow, middle: dict[str, float]) -> list[str]:
    """Draw what is given within a step to the right of the services, and what the next step sees to the left."""
    parts = []
    for kind, pairs, x, side in (("now", found.now, 590, 1), ("next", found.later, 300, -1)):
        for giver, taker in sorted(pairs, key=lambda pair: found.order.index(pair[0])):
            apart = abs(found.order.index(giver) - found.order.index(taker))
            begin, end = middle[giver] + 8, middle[taker] - 8
            if kind == "next":
                begin, end = middle[giver] - 8, middle[taker] + 8
            bend = x + side * (12 + 13 * apart)
            parts.append(f'<path class="{kind}" d="M{x} {begin:g}C{bend:g} {begin:g} {bend:g} {end:g} {x + 3 * side} {end:g}" '
                         f'marker-end="url(#{kind})"><title>{giver} to {taker}</title></path>')  # fmt: skip
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
                  *_below(said(f"gridmodel.{room}"), x + 10, y + 33, width=28, most=4)]  # fmt: skip
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
