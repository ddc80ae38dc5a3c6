"""The scenario: a frozen record of what a run is asked to do, whose problems are all reported at once."""

from __future__ import annotations

import json
import re
import reprlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import (
    PrivateAttr,
    SerializerFunctionWrapHandler,
    ValidationError,
    model_serializer,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import ErrorDetails

from gridmodel.errors import InputError, Problem
from gridmodel.inputs.memory import A_PATH, IN_A_FILE, TAKES, given_object
from gridmodel.inputs.technologies import own_technologies
from gridmodel.regions import UTC_NAME
from gridmodel.scenario.described import fields_of
from gridmodel.scenario.distributions import Bounds, Distribution
from gridmodel.scenario.drawable import OPEN, bounds_in, numbers_in, take_distributions
from gridmodel.scenario.fields import OWN
from gridmodel.scenario.frozen import frozen
from gridmodel.scenario.grouped import Groups, GroupsOf, about, signature_of
from gridmodel.scenario.groups.period import NOT_AFTER, PeriodSettings
from gridmodel.scenario.groups.sampling import ONE_MEMBER, members_ignored
from gridmodel.scenario.help import wrong_help
from gridmodel.scenario.json_schema import PlainSchema, ScenarioSchema
from gridmodel.scenario.mending import Mended, place_of
from gridmodel.scenario.origin import Origin
from gridmodel.scenario.plain import plain_value
from gridmodel.scenario.renamed import current_name, with_current_names
from gridmodel.scenario.saving import saved
from gridmodel.scenario.settings import Settings
from gridmodel.scenario.wording import ABOUT_ONE, problem_at, problem_of, short
from gridmodel.vocabulary import DAMAGE_CLASSES

if TYPE_CHECKING:
    from typing import Unpack

    from pydantic._internal._model_construction import ModelMetaclass as _Meta

    from gridmodel.scenario.given import Changes, Given
else:
    _Meta = type(Settings)  # the metaclass of pydantic


class _Listed(_Meta):
    """Class whose help lists little, since its docstring says what users call."""

    def __dir__(self) -> list[str]:
        """Return what the class has to give without a scenario of it."""
        return ["groups"]


class Scenario(Settings, metaclass=_Listed, defer_build=False):
    """One question put to the model; a run is a pure function of it.

    Settings are given by name, inputs by name, as paths or as objects:

    >>> import gridmodel as gm
    >>> scenario = gm.load_scenario("three-region").replace(set_point_c=18.0)

        gm.run(scenario)                  the result, an xarray.Dataset
        scenario.replace(members=100)     a variant; a scenario never changes
        scenario.save("cold.yaml")        written, with its inputs beside it
        scenario.given()                  settings that differ from defaults
        scenario.distributions            numbers that members draw
        scenario.groups.heat              a group; gm.Scenario.groups: all
        gm.Scenario.about("set_point_c")  text, unit and range of a setting
    """

    _distributions: dict[str, Distribution] = PrivateAttr(default_factory=dict)
    _as_given: dict[str, Any] = PrivateAttr(default_factory=dict)
    _origin: Origin = PrivateAttr(default_factory=Origin)
    _ensemble: Any = PrivateAttr(default=None)

    if TYPE_CHECKING:
        groups: ClassVar[Groups]

        def __init__(self, **settings: Unpack[Given]) -> None: ...

        def replace(self, **changes: Unpack[Changes]) -> Scenario:
            """Return a variant."""

    else:

        def __init__(self, /, **settings: object) -> None:
            """Check settings like a file; distributions and objects are taken as everywhere."""
            made = make_scenario(settings, shown="")
            for part in ("__dict__", "__pydantic_fields_set__", "__pydantic_extra__", "__pydantic_private__"):
                object.__setattr__(self, part, getattr(made, part))

        __init__.__pydantic_base_init__ = True  # the validator of pydantic does not come back here

        @classmethod
        def model_json_schema(cls, **options: Any) -> dict[str, Any]:  # noqa: ANN401 - as of pydantic
            """Return the JSON Schema of a scenario."""
            return super().model_json_schema(**{"schema_generator": ScenarioSchema, **options})

        @classmethod
        def model_validate(cls, data: Any, **_options: object) -> Scenario:  # noqa: ANN401 - as of pydantic
            """Return checked settings of a mapping."""
            return data if isinstance(data, Scenario) else make_scenario(data, shown="")

        @classmethod
        def model_validate_json(cls, data: str | bytes, **_options: object) -> Scenario:
            """Return checked settings of a text in JSON."""
            return make_scenario(parse_settings(data), shown="")

    def __dir__(self) -> Iterable[str]:
        """Return the settings and what can be done with them."""
        own = [name for name in Scenario.__dict__ if not name.startswith("_")]
        period = [name for name in PeriodSettings.__dict__ if not name.startswith(("_", "model_"))]
        return sorted({*fields_of(type(self)), *own, *period})

    def __repr__(self) -> str:
        """Return what differs from the defaults, with distributions, a line for each setting."""
        lines = [f"    {name}={_said(value)}," for name, value in self.given().items()]
        return "\n".join(["Scenario(", *lines, ")"])

    __str__ = __repr__

    def given(self) -> dict[str, Any]:
        """Return the settings that differ from their defaults, distributions as they are written."""
        fields, data = fields_of(type(self)), self.model_dump()
        return {
            name: value for name, value in data.items()
            if fields[name].is_required() or name in self._as_given or getattr(self, name) != fields[name].default
        }  # fmt: skip

    @staticmethod
    def about(setting: str) -> str:
        """Return what a setting means, with its unit, default, range and whether it can have a distribution.

        Raises
        ------
        InputError
            If it is not a setting.
        """
        return about(setting, Scenario, drawable())

    def save(self, path: str | Path, *, overwrite: bool = False) -> Path:
        """Write the scenario as a YAML file, with every input that is not bundled beside it.

        Parameters
        ----------
        path
            File to write; it ends in `.yaml`. Its folder is made.
        overwrite
            Whether a file that is there may be replaced.

        Returns
        -------
        pathlib.Path
            The file: `gm.load_scenario` reads it, and a run of it gives the same result to the byte.

        Raises
        ------
        InputError
            If it exists already, cannot be written, or an input cannot be found.
        """
        return saved(self, Path(path), overwrite=overwrite)

    @model_serializer(mode="wrap")
    def _written(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Return the settings as a file gives them: distributions in place of their medians."""
        data: dict[str, Any] = handler(self)
        return {**data, **self._as_given}

    @property
    def distributions(self) -> Mapping[str, Distribution]:
        """Numbers that members draw from a distribution, by path: `heating_threshold_c`, `availability.hydro`.

        The setting itself holds the distribution's median, which a deterministic run takes.
        """
        return self._distributions

    @property
    def origin(self) -> Origin:
        """Places of the settings in the file from which they were read."""
        return self._origin

    @property
    def ensemble(self) -> Any:  # noqa: ANN401 - an `Ensemble` of `gridmodel.sampling`, a room above this one
        """Members that a study chose in place of those that the scenario would draw; None where it draws them."""
        return self._ensemble

    def with_ensemble(self, ensemble: object) -> Scenario:
        """Return the scenario with members that a study chose."""
        made = self.model_copy()
        made._ensemble = ensemble  # noqa: SLF001 - of the same class
        return made

    def _replace(self, **changes: object) -> Scenario:
        """Return a variant; the changes are checked like a file.

        Raises
        ------
        InputError
            If a change names no setting or its value is not allowed, or asks for members of a deterministic scenario.
        """
        current = self.model_dump() | {"folder": self.folder}
        named = {current_name(name): value for name, value in changes.items()}
        told = members_told(named, deterministic=named.get("deterministic", self.deterministic))
        try:
            made = make_scenario(current | named)
        except InputError as error:
            raise InputError([*told, *error.problems]) from None
        if told:
            raise InputError(told)
        made._origin = self._origin.without(named)  # noqa: SLF001 - of the same class
        made._ensemble = self._ensemble  # noqa: SLF001 - the same
        return made

    if not TYPE_CHECKING:  # a checker knows the settings by name
        replace = _replace


if not TYPE_CHECKING:
    Scenario.groups = GroupsOf()
    Scenario.__signature__ = signature_of(Scenario)


def members_told(
    given: Mapping[str, Any], *, deterministic: object, shown: str = "", lines: Mapping[str, int] | None = None
) -> list[Problem]:
    """Return the problem of settings that ask for members of a deterministic scenario; nothing if they do not.

    Parameters
    ----------
    given
        Settings as they are given, without defaults.
    deterministic
        Whether the scenario is, with these settings.
    shown
        Name of the file in messages.
    lines
        Line of each entry in the file.
    """
    members = given.get("members")
    if not members_ignored(members, deterministic=deterministic):
        return []
    row = (lines or {}).get("members")
    return [Problem(message=ONE_MEMBER, table=shown, row=row, field="members", value=short(members))]


def make_scenario(
    data: Mapping[str, Any],
    *,
    shown: str = "scenario",
    lines: Mapping[str, int] | None = None,
) -> Scenario:
    """Return a scenario of checked settings.

    Parameters
    ----------
    data
        Settings by name.
    shown
        Name of the file in messages.
    lines
        Line of each entry in the file, by its path.

    Raises
    ------
    InputError
        With every problem, if there is any.
    """
    draft = make_draft(data, shown=shown, lines=lines)
    if draft.problems:
        raise InputError(draft.problems)
    return draft.scenario


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A scenario with all that is right of its settings, so that whatever does not need the rest can be checked."""

    scenario: Scenario
    """Settings; one that is wrong or missing has its default or a placeholder. A row of `events` that is wrong as a
    whole is None; values of `mitigations` that are wrong are empty."""
    problems: list[Problem]
    """Problems of the settings themselves; none if the scenario is as it was given."""
    unknown: frozenset[str] = frozenset()
    """Names of the settings whose value is not known."""


TUPLES = frozenset(name for name, field in fields_of(Scenario).items() if isinstance(field.default, tuple))
"""Settings that are lists, most of them ranges."""
RANGES = frozenset(name for name in TUPLES if len(fields_of(Scenario)[name].default) == 2) - ABOUT_ONE
"""Settings for which one number stands for both ends."""
MAX_ROUNDS = 5
"""Times that settings are validated, each time without the values that were wrong. Ours: errors hide behind each other
in two rounds, of values and of what values say together."""


def make_draft(data: Mapping[str, Any], *, shown: str = "scenario", lines: Mapping[str, int] | None = None) -> Draft:
    """Return a scenario of settings, and everything that is wrong with them.

    Parameters
    ----------
    data, shown, lines
        As in `make_scenario`.

    Raises
    ------
    InputError
        With every problem, if nothing can be made of the settings.
    """
    origin = Origin(shown, frozen(lines or {}, "origin"))
    objects, wrong = _named(data, origin)
    named, found = with_current_names({name: plain_value(value) for name, value in objects.items()}, origin)
    found += wrong.values()
    named |= {name: [named[name]] * 2 for name in RANGES & named.keys() if _is_number(named[name])}
    own = _own_technologies(named)
    taken = take_distributions(named, drawable(own or ()), pairs=TUPLES, origin=origin, own=own or ())
    found += taken.problems
    mended, scenario = Mended.without(taken.plain, wrong), None
    found = _first(found)
    for _ in range(MAX_ROUNDS):
        try:
            scenario = Scenario.__pydantic_validator__.validate_python(mended.plain, context={OWN: own})
            break
        except ValidationError as error:
            made = [one for detail in error.errors(include_url=False) for one in _wrong(detail, mended, origin)]
            found += _first([problem for problem in made if problem.field.partition(".")[0] not in taken.refused])
    if scenario is None:
        raise InputError(found)
    scenario._distributions = frozen(taken.distributions, "distributions")  # noqa: SLF001 - made here
    scenario._as_given = frozen(taken.written, "distributions")  # noqa: SLF001 - the same
    scenario._origin = origin  # noqa: SLF001 - the same
    if not mended.places:
        return Draft(scenario=scenario, problems=found, unknown=frozenset(taken.refused))
    clock = UTC_NAME if ("timezone",) in mended.places else scenario.local_timezone
    dates = mended.wrong_dates(clock)
    found += [problem_at((name,), message, mended.given[name], origin) for name, message in dates]
    unknown = mended.unknown | taken.refused
    if any(length == NOT_AFTER for _, length in dates):
        unknown |= {"start", "end"}
    known = mended.known_values(scenario.events, scenario.mitigations)
    return Draft(scenario=scenario.model_copy(update=known), problems=found, unknown=frozenset(unknown))


def _named(data: Mapping[str, Any], origin: Origin) -> tuple[dict[str, Any], dict[str, Problem]]:
    """Return settings in which objects are names of content in memory, or rows, and the problems of all others."""
    made, wrong = dict(data), {}
    for name in TAKES.keys() & made.keys():
        try:
            made[name] = given_object(name, data[name])
        except InputError as error:
            value, in_file = made.pop(name), origin.line([name]) is not None
            said = problem_at((name,), IN_A_FILE.get(name, A_PATH), value, origin)
            wrong[name] = said if in_file else error.problems[0]
    return made, {name: wrong[name] for name in data if name in wrong}


def parse_settings(text: str | bytes) -> dict[str, Any]:
    """Return the settings in a text of JSON.

    Raises
    ------
    InputError
        If it is not a JSON object.
    """
    try:
        data = json.loads(text)
    except ValueError:
        data = None
    if not isinstance(data, dict):
        raise InputError([Problem(message="must be a JSON object of settings")])
    return data


def _said(value: object) -> str:
    """Return a value as short as it can be read; a distribution as it is written."""
    short = reprlib.Repr()
    short.maxother = short.maxstring = 60
    short.maxdict = short.maxtuple = short.maxlist = 4
    short.maxlevel = 3
    if isinstance(value, datetime):
        return repr(f"{value:%Y-%m-%d %H:%M}")
    if isinstance(value, list | tuple) and len(value) > 2:
        return f"<{len(value)} rows>" if all(isinstance(row, Mapping) for row in value) else short.repr(value)
    return repr(str(value)) if isinstance(value, str | Path) and len(str(value)) <= 60 else short.repr(value)


def _own_technologies(data: Mapping[str, Any]) -> tuple[str, ...] | None:
    """Return the technologies that the network of some settings lists, if a setting names one; None if not known."""
    named = {str(key) for name in OPEN if isinstance(data.get(name), Mapping) for key in data[name]}
    network = data.get("network")
    if named <= {*DAMAGE_CLASSES}:
        return ()
    if not isinstance(network, str):
        return None
    return own_technologies(network, data.get("folder"))


MAX_SHOWN = 100
"""Most problems of one kind that are told; the others are counted. Ours: several screens."""


def _first(problems: list[Problem]) -> list[Problem]:
    """Return the first of many problems, and how many more there are."""
    extra = len(problems) - MAX_SHOWN
    if extra <= 0:
        return problems
    more = Problem(message=f"has {extra} more problems of this kind", table=problems[0].table)
    return [*problems[:MAX_SHOWN], more]


def _wrong(detail: ErrorDetails, mended: Mended, origin: Origin) -> list[Problem]:
    """Return the problems for an error of the validator, and mend what it is about."""
    place = place_of(detail)
    if mended.is_mended(place):  # an error of what stands in place of a value
        return []
    if detail["type"] == "help":
        number = int(place[1])
        known = {key: mended.known(number, key) for key in ("kind", "region", "target", "size")}
        made = [
            problem_at((*place, key), message, known[key] or "", origin) for key, message in wrong_help(**known)
        ]  # fmt: skip
        for problem in made:
            mended.mend((*place, problem.field.rpartition(".")[2]))
        mended.mend(place)
        return made
    mended.mend(place, unknown=detail["type"] == "extra_forbidden")
    hints = len(mended.places) <= MAX_SHOWN
    return (
        [] if detail["type"] == "period" else [problem_of(detail, origin, drawable, hints=hints)]
    )  # dates come last: see `wrong_dates`


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


UNCONFIRMED = re.compile(r"\[B(?:, [^\]]+)?\]")
"""Mark of an unconfirmed number in the text of a setting, with its range where one is known: `[B]`, `[B, 0.4-0.8]`."""


@cache
def unconfirmed() -> Mapping[str, str]:
    """Return the settings whose text marks them as unconfirmed, and that text in one line.

    Examples
    --------
    >>> "heater_uptake" in unconfirmed(), "seed" in unconfirmed()
    (True, False)
    """
    texts = {name: " ".join((field.description or "").split()) for name, field in Scenario.model_fields.items()}
    return {name: text for name, text in texts.items() if UNCONFIRMED.search(text)}


def drawable(own: tuple[str, ...] = ()) -> Mapping[str, Bounds]:
    """Return the bounds of every number that can have a distribution, by path: `availability.hydro`.

    Parameters
    ----------
    own
        Technologies that the network lists.
    """
    return _bounds(own)


@cache
def _bounds(own: tuple[str, ...]) -> Mapping[str, Bounds]:
    numbers = numbers_in(_plain_schema(), own)
    return {path: bounds for path, leaf in numbers if (bounds := bounds_in(leaf)) is not None}


@cache
def _plain_schema() -> JsonSchemaValue:
    """Return the JSON Schema of a scenario as its numbers are without distributions."""
    return Scenario.model_json_schema(schema_generator=PlainSchema)
