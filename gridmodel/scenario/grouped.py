"""Settings by subject: short lists to read and to complete names from; flat names stay what they are."""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from pydantic.fields import FieldInfo

from gridmodel.errors import InputError, Problem, nearest
from gridmodel.scenario.distributions import Bounds
from gridmodel.scenario.fields import Group

WIDTH = 100
"""Width of a text. [characters] Ours: fits the terminals that people use."""
HIDDEN = frozenset({"folder"})
"""Fields that are not settings."""


@cache
def groups_of(kind: type[Group]) -> Mapping[str, type[Group]]:
    """Return the groups of settings by name, in the order of files and docs."""
    found = [base for base in reversed(kind.__mro__) if base.__name__.endswith("Settings")]
    names = {"HelpSettings": "measures"}
    return {names.get(base.__name__, base.__name__.removesuffix("Settings").lower()): base for base in found}


def settings_of(group: type[Group]) -> list[str]:
    """Return the names of the settings of a group."""
    return [name for name in group.model_fields if name not in HIDDEN]


def text_of(field: FieldInfo) -> str:
    """Return what a setting means, in one line."""
    return " ".join((field.description or "").split())


class ShortSignature(inspect.Signature):
    """Parameters of a scenario: all of them for completion, the required ones when it is shown."""

    def __str__(self) -> str:
        """Return the names of the settings without a default."""
        required = [name for name, one in self.parameters.items() if one.default is inspect.Parameter.empty]
        return f"(*, {', '.join(required)}, …)"

    def format(self, **_options: object) -> str:
        """Return the same, however wide it may be."""
        return str(self)


def signature_of(kind: type[Group]) -> ShortSignature:
    """Return the settings of a scenario as parameters that are given by name."""
    fields = {name: field for name, field in kind.model_fields.items() if name not in HIDDEN}
    order = sorted(fields, key=lambda name: not fields[name].is_required())
    only, empty = inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.empty
    return ShortSignature(
        [
            inspect.Parameter(name, only, default=empty if fields[name].is_required() else fields[name].default)
            for name in order
        ]
    )


def doc_of(kind: type[Group]) -> str:
    """Return the docstring of a scenario with the names of all settings by group after it."""
    lines = [f"{name}: {', '.join(settings_of(group))}" for name, group in groups_of(kind).items()]
    wrapped = [textwrap.fill(line, WIDTH, subsequent_indent="    ") for line in lines]
    return "\n".join([inspect.cleandoc(kind.__doc__ or ""), "", "Settings by group:", "", *wrapped])


class GroupsOf:
    """Settings by subject, of a scenario or, with their defaults, of the class."""

    __doc__ = "Settings by subject, for completion and for reading: `scenario.groups.heat.set_point_c`."

    def __get__(self, scenario: Group | None, kind: type[Group]) -> Groups:
        """Return the groups of a scenario, or of the class."""
        return Groups(kind if scenario is None else scenario)


class Values:
    """Values of the settings of one group; those of a class are the defaults."""

    def __init__(self, scenario: Group | type[Group], group: type[Group]) -> None:
        self._scenario, self._group = scenario, group
        title = (group.__doc__ or "").strip()
        lines = [f"{name}: {text_of(group.model_fields[name])}" for name in settings_of(group)]
        wrapped = [textwrap.fill(line, WIDTH, subsequent_indent="    ") for line in lines]
        self.__doc__ = "\n".join([title, "", *wrapped])

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - any value of a setting
        if not name.startswith("_") and name in self._group.model_fields:
            return self._values()[name] if isinstance(self._scenario, type) else getattr(self._scenario, name)
        hint = nearest(name, settings_of(self._group))
        raise AttributeError(f"{name} is not a setting of this group{f' ({hint})' if hint else ''}")

    def __dir__(self) -> Iterable[str]:
        """Return the settings of the group."""
        return settings_of(self._group)

    def _values(self) -> Mapping[str, Any]:
        if isinstance(self._scenario, Group):
            return self._scenario.model_dump()
        fields = self._group.model_fields
        return {name: "required" if one.is_required() else one.default for name, one in fields.items()}

    def __repr__(self) -> str:
        """Return every setting with its value, and the beginning of its meaning."""
        written = self._values()
        said = {name: f"{name} = {_value(written[name])}" for name in settings_of(self._group)}
        wide = min(44, max(map(len, said.values()), default=0))
        lines = [
            f"{text:{wide}}  {textwrap.shorten(text_of(self._group.model_fields[name]), WIDTH - wide, placeholder='…')}"
            for name, text in said.items()
        ]
        return "\n".join([(self._group.__doc__ or "").strip(), *lines])


class Groups:
    """Settings of a scenario by subject."""

    def __init__(self, scenario: Group | type[Group]) -> None:
        self._scenario = scenario
        self._kind = scenario if isinstance(scenario, type) else type(scenario)

    def __getattr__(self, name: str) -> Values:
        groups = groups_of(self._kind)
        if name not in groups:
            hint = nearest(name, groups)
            raise AttributeError(f"{name} is not a group of settings{f' ({hint})' if hint else ''}")
        return Values(self._scenario, groups[name])

    def __dir__(self) -> Iterable[str]:
        """Return the names of the groups."""
        return groups_of(self._kind)

    def __repr__(self) -> str:
        """Return the groups, a line each."""
        groups = groups_of(self._kind)
        wide = max(map(len, groups))
        lines = [f"{name:{wide}}  {(group.__doc__ or '').strip().partition(': ')[2]}" for name, group in groups.items()]
        return "\n".join(lines)


def _value(value: object) -> str:
    text = str(value)
    return text if len(text) <= 24 else f"{text[:23]}…"


def about(setting: str, kind: type[Group], bounds: Mapping[str, Bounds]) -> str:
    """Return what a setting means, with its default, its range and whether it can have a distribution.

    Parameters
    ----------
    setting
        Its name.
    kind
        The class of scenarios.
    bounds
        Range of every number that can have a distribution, by its path.

    Raises
    ------
    InputError
        If it is not a setting.
    """
    field = kind.model_fields.get(setting)
    if field is None or setting in HIDDEN:
        hint = nearest(setting, [name for name in kind.model_fields if name not in HIDDEN])
        raise InputError([Problem(message="is not a setting of a scenario", field=setting, hint=hint)])
    group = next(name for name, one in groups_of(kind).items() if setting in one.model_fields)
    default = "is required" if field.is_required() else f"default: {field.get_default(call_default_factory=True)}"
    unit = re.search(r"\[([^\]]+)\]", text_of(field))
    lines = [f"{setting} (group {group})", textwrap.fill(text_of(field), WIDTH), default]
    if unit and not unit[1].startswith("B"):
        lines.append(f"unit: {unit[1]}")
    if setting in bounds:
        allowed = str(bounds[setting])
        lines.append(f"allowed: {allowed or 'any number'}; or a distribution such as {{'uniform': [low, high]}}")
    return "\n".join(lines)
