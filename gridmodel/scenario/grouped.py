"""Settings by subject: short lists to read and to complete names from; flat names stay what they are."""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic.fields import FieldInfo

from gridmodel.errors import InputError, Problem, nearest
from gridmodel.scenario.described import fields_of
from gridmodel.scenario.distributions import Bounds
from gridmodel.scenario.fields import Group
from gridmodel.scenario.settings import GROUPS

WIDTH = 100
"""Width of a text. [characters] Ours: fits the terminals that people use."""
HELP_WIDTH = 72
"""Width of a line of help, which is indented by up to eight. [characters] Ours: fits a terminal of 80 columns."""
HIDDEN = frozenset({"folder"})
"""Fields that are not settings."""


def settings_of(group: type[Group]) -> list[str]:
    """Return the names of the settings of a group."""
    return [name for name in fields_of(group) if name not in HIDDEN]


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
    fields = {name: field for name, field in fields_of(kind).items() if name not in HIDDEN}
    order = sorted(fields, key=lambda name: not fields[name].is_required())
    only, empty = inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.empty
    return ShortSignature(
        [
            inspect.Parameter(name, only, default=empty if fields[name].is_required() else fields[name].default)
            for name in order
        ]
    )


def _lines_of_groups(width: int) -> list[str]:
    """Return the groups, a line each."""
    titles = {name: (group.__doc__ or "").strip().partition(": ")[2] for name, group in GROUPS.items()}
    return _aligned(titles, max(map(len, titles)), width)


def _aligned(texts: Mapping[str, str], names: int, width: int) -> list[str]:
    """Return a line for each text: what it is of, and its beginning."""
    return [
        f"{name:{names}}  {textwrap.shorten(text, width - 2 - max(names, len(name)), placeholder='…')}"
        for name, text in texts.items()
    ]


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
        names = settings_of(group)
        texts = {name: text_of(group.model_fields[name]) for name in names}
        further = textwrap.fill(f'The whole text of a setting: gm.Scenario.about("{names[0]}")', HELP_WIDTH)
        lines = _aligned(texts, max(map(len, names)), HELP_WIDTH)
        self.__doc__ = "\n".join([textwrap.fill((group.__doc__ or "").strip(), HELP_WIDTH), "", *lines, "", further])

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - any value of a setting
        if not name.startswith("_") and name in fields_of(self._group):
            return self._values()[name] if isinstance(self._scenario, type) else getattr(self._scenario, name)
        hint = nearest(name, settings_of(self._group))
        raise AttributeError(f"{name} is not a setting of this group{f' ({hint})' if hint else ''}")

    def __dir__(self) -> Iterable[str]:
        """Return the settings of the group."""
        return settings_of(self._group)

    def _values(self) -> Mapping[str, Any]:
        if isinstance(self._scenario, Group):
            return self._scenario.model_dump()
        fields = fields_of(self._group)
        return {name: "required" if one.is_required() else one.default for name, one in fields.items()}

    def __repr__(self) -> str:
        """Return every setting with its value, and the beginning of its meaning."""
        written = self._values()
        said = {f"{name} = {_value(written[name])}": text_of(self._group.model_fields[name])
                for name in settings_of(self._group)}  # fmt: skip
        return "\n".join([(self._group.__doc__ or "").strip(), *_aligned(said, min(44, max(map(len, said))), WIDTH)])


class Groups:
    """Settings of a scenario by subject."""

    def __init__(self, scenario: Group | type[Group]) -> None:
        self._scenario = scenario
        title = "Settings by subject; help(gm.Scenario.groups.heat) lists those of one:"
        self.__doc__ = "\n".join([title, *_lines_of_groups(HELP_WIDTH)])

    def __getattr__(self, name: str) -> Values:
        if name not in GROUPS:
            hint = nearest(name, GROUPS)
            raise AttributeError(f"{name} is not a group of settings{f' ({hint})' if hint else ''}")
        return Values(self._scenario, GROUPS[name])

    def __dir__(self) -> Iterable[str]:
        """Return the names of the groups."""
        return GROUPS

    def __repr__(self) -> str:
        """Return the groups, a line each."""
        return "\n".join(_lines_of_groups(WIDTH))


class Text(str):
    """Text that a notebook and a terminal show as it is."""

    __slots__ = ()

    def __repr__(self) -> str:
        """Return the text."""
        return str(self)


def _value(value: object) -> str:
    text = str(value)
    return text if len(text) <= 24 else f"{text[:23]}…"


def about(setting: str, kind: type[Group], bounds: Mapping[str, Bounds]) -> Text:
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
        hint = nearest(setting, [name for name in fields_of(kind) if name not in HIDDEN])
        raise InputError([Problem(message="is not a setting of a scenario", field=setting, hint=hint)])
    group = next(name for name, one in GROUPS.items() if setting in fields_of(one))
    default = "is required" if field.is_required() else f"default: {field.get_default(call_default_factory=True)}"
    unit = re.search(r"\[([^\]]+)\]", text_of(field))
    lines = [f"{setting} (group {group})", textwrap.fill(text_of(field), WIDTH), default]
    if unit and not unit[1].startswith("B"):
        lines.append(f"unit: {unit[1]}")
    if setting in bounds:
        allowed = str(bounds[setting])
        lines.append(f"allowed: {allowed or 'any number'}; or a distribution such as {{'uniform': [low, high]}}")
    return Text("\n".join(lines))
