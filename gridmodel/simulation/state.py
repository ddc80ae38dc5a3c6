"""State of a run: saved at the start of any step, checked, and gone on with.

A saved state contains what services carry from step to step (`gridmodel.services.carried`), what they see of each
other's last step, and of events what has happened: hits, the work done on them, and what limits refer to. Everything
else is made again from the scenario: what members draw is drawn alike, since random streams are named.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import xarray as xr

from gridmodel.arrays import Floats
from gridmodel.errors import InputError, Problem, Problems, cannot_write
from gridmodel.events.past import OpenJobs, Past, Seam, rows_of_past
from gridmodel.inputs.array_file import Arrays, read_arrays, write_arrays
from gridmodel.inputs.files import find_state
from gridmodel.inputs.json_text import parse_json
from gridmodel.inputs.writing import replaced
from gridmodel.interchange import examine_runnable
from gridmodel.network import Network
from gridmodel.results.own_inputs import files_of, hash_of, path_of
from gridmodel.scenario import Scenario
from gridmodel.scenario.fields import FIRST_YEAR, LAST_YEAR, MAX_MEMBERS
from gridmodel.scenario.groups.period import NOT_AFTER, NOT_WHOLE, wrong_period
from gridmodel.services.carried import Members, Widened, arrays_of, state_of
from gridmodel.services.cohorts import homes_may_be_outside
from gridmodel.services.declare import Declaration
from gridmodel.services.layers import in_regions
from gridmodel.services.registry import SERVICES
from gridmodel.version import __version__

if TYPE_CHECKING:
    from gridmodel.services.setup import Seen

FORMAT = "2"
"""Version of the file. It changes with every change that an earlier program would misread."""
SAME = ("step", "seed", "sampling", "deterministic", "rotation", "cuts", "cascade", "recharge")
"""Settings that a run has in common with that whose state it begins from: they say what a state consists of, or who its
members are."""
REGIONS = "services.power.turns.layers.regions"
"""Array of a state that says in which regions homes are in layers."""
MAX_ELAPSED = 24 * 400 * 4 * 100
"""Most steps before a state. Ours: a hundred of the longest runs, one after the other."""
MAX_JSON = 500_000
"""Most values of the events of a state. Ours: as many as a manifest may have."""
TEXTS = ("title", "format", "gridmodel", "network", "network_hash", "time", "settings", "events", "elapsed")
"""Attributes of a file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """Facts of the inputs of a run about the time before a step."""

    past: Past
    """Damage."""
    evening_mw: Floats
    """Highest demand so far of the step's day, shape ``(member, region)``; the member axis may be 1. [MW]"""
    working: Mapping[str, Floats]
    """Share of units that work in the step before, by technology whose units fail, shape ``(member, unit)``. [1]"""
    draught: Floats | None
    """Mean factor of the wind on the ventilation of homes, shape ``(region,)`` or ``(member, region)``. [1]"""
    elapsed: int
    """Steps before it, those of runs before this one included."""
    network_hash: str
    """SHA-256 over the files of the network."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedState:
    """A saved state, read and checked as far as no run is needed."""

    shown: str
    """Name of the file."""
    past: Past
    """Damage before it."""
    evening_mw: Floats
    """As in `Before`, as are the next two."""
    working: Mapping[str, Floats]
    draught: Floats | None
    elapsed: int
    arrays: Arrays
    """Arrays of services, by name, of all members of the state."""
    time: np.datetime64
    """UTC."""
    members: Members
    """Members of the state, and those that are taken."""
    layered: tuple[int, ...]
    """Places of regions whose homes are in layers."""
    more_batteries: int
    """Batteries that the run which begins from it places beyond those that the state has."""

    def seam(self, step: int) -> Seam:
        """Return what events go on with at a step of a run that begins from the state."""
        return Seam(
            step=step, past=self.past, elapsed=self.elapsed - step, working=self.working, shown=self.shown
        )  # fmt: skip

    def of(self, members: Sequence[int]) -> SavedState:
        """Return the state of some members."""
        if tuple(members) == self.members.chosen:
            return self
        rows, whole = np.asarray(members, dtype=np.intp), self.members.of

        def part(values: Floats, axis: int = 0) -> Floats:
            return values.take(rows, axis=axis) if values.shape[axis] == whole else values

        past = self.past
        base, damaged = past.limit_base_mw, past.damaged_mw
        past = replace(
            past, jobs=None if past.jobs is None else past.jobs.part(rows),
            limit_base_mw=None if base is None else part(base, 1),
            damaged_mw=None if damaged is None else part(damaged),
        )  # fmt: skip
        draught = self.draught if self.draught is None or self.draught.ndim == 1 else part(self.draught)
        return replace(
            self, past=past, evening_mw=part(self.evening_mw), draught=draught,
            working={name: part(values) for name, values in self.working.items()},
            members=Members(whole, tuple(members)),
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Saving:
    """State that a run begins from, and what those to be saved contain beside the states of services."""

    state: SavedState | None = None
    before: Mapping[int, Before] = field(default_factory=dict)
    """By step."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """State of a run at the start of a step, ready to be written."""

    local: datetime
    """Local time."""
    arrays: Arrays
    texts: Mapping[str, str]

    @property
    def name(self) -> str:
        """Return the usual name of its file."""
        return f"state-{self.local:%Y-%m-%dT%H%M}.nc"

    def write(self, path: Path) -> None:
        """Write the file beside its place and swap it in.

        Raises
        ------
        InputError
            If it cannot be written.
        """
        try:
            with replaced(path) as made:
                write_arrays(made, self.arrays, self.texts)
        except (OSError, RuntimeError) as error:
            raise InputError([cannot_write(error, path)]) from None


def network_hash(scenario: Scenario) -> str:
    """Return the SHA-256 over the names and hashes of the files of a scenario's network."""
    path = path_of(scenario, "network")
    files = [] if path is None else files_of(path)
    names = [file.name if path is not None and path.is_dir() else "" for file in files]
    text = "\n".join(f"{name} {hash_of(file)}" for name, file in zip(names, files, strict=True))
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def settings_of(scenario: Scenario) -> dict[str, Any]:
    """Return the settings that a run and the state that it begins from have in common."""
    same = {name: getattr(scenario, name) for name in SAME}
    outside = homes_may_be_outside(scenario)
    return {**same, "members": scenario.draws, "batteries": placed_batteries(scenario), "homes_outside": outside}


def placed_batteries(scenario: Scenario) -> list[str]:
    """Return the batteries among the measures of a scenario, in their order."""
    return [f"{one.region} {one.size:g} MW" for one in scenario.mitigations if one.kind == "battery"]


def save_steps(scenario: Scenario, chosen: Sequence[int]) -> tuple[int, ...]:
    """Return the steps at whose start the state is saved, ascending; the number of steps for the end of the run.

    None is saved where only some members are run: a state is of all.
    """
    if tuple(chosen) != tuple(range(scenario.draws)):
        return ()
    whole = (scenario.to_utc(when) - scenario.start_utc for when in scenario.save_states)
    return tuple(sorted({int(after / scenario.step_length) for after in whole}))


def check_save_times(scenario: Scenario, unsure: Collection[str] = ()) -> list[Problem]:
    """Return the problems of the times at which states are to be saved, and of members that cannot be."""
    problems = Problems()
    shown = scenario.origin.shown
    asked = bool(scenario.save_states) or scenario.start_state is not None
    if asked and scenario.members == "auto" and not scenario.deterministic and "members" not in unsure:
        message = "does not go with start_state and save_states: a state is of a number of members"
        problems.add(message, table=shown, row=scenario.origin.line(["members"]), field="members", value="auto")
    if {"start", "end", "timezone", "save_states", "step"} & set(unsure):
        return problems.found
    for number, when in enumerate(scenario.save_states):
        row = scenario.origin.line(["save_states"])
        message = ""
        if not scenario.exists(when):
            message = "is skipped by the clock that night: summer time begins"
        elif not scenario.start_utc < scenario.to_utc(when) <= scenario.end_utc:
            message = f"is not after the start and by the end of the run, {scenario.start:%Y-%m-%d %H:%M} to "
            message += f"{scenario.end:%Y-%m-%d %H:%M}"
        elif (scenario.to_utc(when) - scenario.start_utc) % scenario.step_length:
            message = "is not the start of a step"
        if message:
            problems.add(
                message, table=shown, row=row, field=f"save_states.{number + 1}", value=f"{when:%Y-%m-%d %H:%M}"
            )
    return problems.found


def carried_names(services: Sequence[Declaration]) -> list[str]:
    """Return the variables and signals of which a step looks at the values of the step before.

    They are those that a service reads and itself shows, or one that comes after it.
    """
    shows = {name: place for place, one in enumerate(SERVICES) for name in (*one.variables, *one.signals)}
    order = {one.name: place for place, one in enumerate(SERVICES)}
    found = [name for one in services for name in one.reads if shows[name] >= order[one.name]]
    return list(dict.fromkeys(found))


def snapshot(
    scenario: Scenario, before: Before, services: Mapping[str, object], seen: Seen, *,
    running: Sequence[Declaration], step: int,
) -> Snapshot:  # fmt: skip
    """Take the state of a run at the start of a step.

    Parameters
    ----------
    scenario
        Scenario of the run.
    before
        What its inputs say about the time before.
    services
        State of each service, by its name.
    seen
        Latest values that services show each other.
    running
        Services of the run.
    step
        Number of the step.
    """
    utc = scenario.times_utc()[0] + step * np.timedelta64(int(scenario.step_length.total_seconds()), "s")
    arrays = arrays_of(services, "services")
    arrays |= arrays_of({name: seen[name] for name in carried_names(running) if name in seen}, "seen")
    past = {name: getattr(before.past, name) for name in ("jobs", *Past.SHAPES)}
    arrays |= arrays_of(past, "past") | arrays_of(before.working, "working")
    arrays |= arrays_of({"evening_mw": before.evening_mw, "draught": before.draught}, "inputs")
    settings = settings_of(scenario)
    texts = {
        "title": f"State of a run: {scenario.name}", "format": FORMAT, "gridmodel": __version__,
        "network": str(scenario.network), "network_hash": before.network_hash, "time": str(utc),
        "settings": json.dumps(settings), "elapsed": str(before.elapsed),
        "events": json.dumps([asdict(row) for row in before.past.rows], ensure_ascii=False),
    }  # fmt: skip
    local = scenario.local(np.array([utc]))[0].astype("datetime64[s]").astype(datetime)
    return Snapshot(local=local, arrays=arrays, texts=texts)


def examine_state(
    scenario: Scenario, network: Network | None, *, unknown: Collection[str] = ()
) -> tuple[SavedState | None, list[Problem]]:  # fmt: skip
    """Read the state that a scenario begins from, and check it against the scenario as far as that is known.

    Parameters
    ----------
    scenario
        It names the file.
    network
        Its network; None if that cannot be read.
    unknown
        Settings whose value is not known.

    Returns
    -------
    tuple
        The state, None if it has errors; and everything that is wrong with it.
    """
    problems = Problems()
    try:
        path = find_state(str(scenario.start_state), beside=scenario.folder)
        arrays, texts = read_arrays(path, path.name)
        _check_texts(texts, problems, path.name)
        problems.raise_if_any()
        _check_same(scenario, texts, network, problems, shown=path.name, unknown=set(unknown))
        if network is None or unknown or problems.found:
            return None, problems.found
        saved = parse_json(texts["settings"], path.name, most=1_000)
        shape, more = (int(saved["members"]), len(network.regions)), len(placed_batteries(scenario))
        more -= len(saved["batteries"]) if _are_texts(saved.get("batteries")) else 0
        made = saved_state(arrays, texts, shape, problems, path.name, more_batteries=more)
    except InputError as error:
        return None, error.problems
    except OSError as error:
        return None, [Problem(message=f"cannot be read: {error.strerror}", field="start_state")]
    return made, problems.found


def _check_texts(texts: Mapping[str, str], problems: Problems, shown: str) -> None:
    """Note attributes that are missing or wrong; another version is told alone, since all else may differ by it."""
    if "format" not in texts or "gridmodel" not in texts:
        problems.add("is not a saved state", table=shown)
        return
    if texts["format"] != FORMAT or texts["gridmodel"] != __version__:
        message = (
            f"was saved by gridmodel {texts['gridmodel'][:40]}, this is {__version__}; save it again by this version"
        )
        problems.add(message, table=shown, field="gridmodel")
        return
    for name in TEXTS:
        if name not in texts:
            problems.add("is missing", table=shown, field=name)
    text = texts.get("elapsed", "1")
    if not (text.isascii() and text.isdigit() and len(text) < 10 and 1 <= int(text) <= MAX_ELAPSED):
        message = f"must be a whole number from 1 to {MAX_ELAPSED:,}"
        problems.add(message, table=shown, field="elapsed", value=text[:40])
    if "time" in texts and not _is_time(texts["time"]):
        problems.add("is not a time", table=shown, field="time", value=texts["time"][:40])


def _is_time(text: str) -> bool:
    """Return whether a text is a UTC time in the years of scenarios."""
    try:
        return FIRST_YEAR <= datetime.fromisoformat(text).year <= LAST_YEAR
    except ValueError:
        return False


def _check_same(
    scenario: Scenario, texts: Mapping[str, str], network: Network | None, problems: Problems, *, shown: str,
    unknown: set[str],
) -> None:  # fmt: skip
    """Note what the scenario and its network do not have in common with the run that saved a state."""
    if network is not None and texts["network_hash"] != network_hash(scenario):
        message = f"is a state of another network, {texts['network'][:80]}, or of another version of its tables"
        problems.add(message, table=shown, field="network")
    if not unknown & {"start", "timezone"} and np.datetime64(texts["time"], "s") != np.datetime64(
        scenario.start_utc, "s"
    ):
        local = scenario.local(np.array([np.datetime64(texts["time"], "s")]))[0]
        moment = str(local.astype("datetime64[m]")).replace("T", " ")
        message = f"must be the time of the state that the run begins from, {moment}"
        row = scenario.origin.line(["start"])
        problems.add(
            message, table=scenario.origin.shown if row else "", row=row, field="start",
            value=f"{scenario.start:%Y-%m-%d %H:%M}", hint=shown,
        )  # fmt: skip
    saved = parse_json(texts["settings"], shown, most=1_000)
    saved = saved if isinstance(saved, dict) else {}
    members = saved.get("members")
    if not isinstance(members, int) or isinstance(members, bool) or not 1 <= members <= MAX_MEMBERS:
        problems.add("must be a whole number from 1", table=shown, field="settings.members", value=str(members)[:40])
        return
    for name, value in settings_of(scenario).items():
        found = _differs(scenario, saved, name, value)
        if found is not None and name not in unknown and not (name == "batteries" and "mitigations" in unknown):
            field, told, shown_value = found
            row = scenario.origin.line([field])
            message = f"differs from the run that saved the state, which had {told}"
            table = scenario.origin.shown if row else ""
            problems.add(message, table=table, row=row, field=field, value=shown_value)


def _differs(scenario: Scenario, saved: Mapping[str, Any], name: str, value: Any) -> tuple[str, str, str] | None:  # noqa: ANN401 - of any setting
    """Return the field that differs from a state, what the run that saved it had, and its value; None if none does."""
    was = saved.get(name)
    told, field, shown = str(was)[:80], name, ", ".join(value) if isinstance(value, list) else str(value)
    fits = was == value
    if name == "members" and scenario.sampling in {"random", "sobol"}:
        fits = fits or value < was
    if name == "homes_outside":  # another rotation is told by itself
        fits = fits or saved.get("rotation") != scenario.rotation
        shown = ", ".join(f"{share:g}" for share in scenario.shared_feeder_share)
        field, told = "shared_feeder_share", f"{'some' if was else 'no'} homes outside the queues"
    if name == "batteries":
        first = [str(one) for one in was] if isinstance(was, list) else []
        fits = value[: len(first)] == first
        field, told = "mitigations", f"the batteries {', '.join(first)[:80]} first among its measures"
    return None if fits else (field, told, shown)


def _are_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def saved_state(
    arrays: dict[str, npt.NDArray[Any]],
    texts: Mapping[str, str],
    shape: tuple[int, int],
    problems: Problems,
    shown: str,
    *,
    more_batteries: int,
) -> SavedState | None:
    """Return a state of what a file contains, None if something is wrong with it, which becomes a problem."""
    rows = rows_of_past(parse_json(texts["events"], shown, most=MAX_JSON), shown)
    reader = _Reader(arrays, {"member": shape[0], "region": shape[1], "two": 2, "place": shape[1] + 1}, problems, shown)
    jobs = reader.of(OpenJobs, "past.jobs") if "past.jobs.unit" in arrays else None
    past = reader.of(Past, "past")
    working = {
        name.removeprefix("working."): reader.take(name, ("member?", name), (0.0, 1.0))
        for name in sorted(arrays) if name.startswith("working.")
    }  # fmt: skip
    evening = reader.take("inputs.evening_mw", ("member?", "region"), (0.0, 1e7))
    draught = None
    if "inputs.draught" in arrays:
        dims = ("region",) if arrays["inputs.draught"].ndim == 1 else ("member", "region")
        draught = reader.take("inputs.draught", dims, (0.0, 1e3))
    if problems.found:
        return None
    return SavedState(
        shown=shown, past=Past(rows=tuple(rows), jobs=None if jobs is None else OpenJobs(**jobs), **past),
        evening_mw=evening, working=working, draught=draught, elapsed=int(texts["elapsed"]),
        members=Members(shape[0], tuple(range(shape[0]))), layered=_layered(arrays, shape[1]),
        time=np.datetime64(texts["time"], "s"), more_batteries=more_batteries,
        arrays={name: values for name, values in arrays.items() if name not in reader.taken},
    )  # fmt: skip


def _layered(arrays: Arrays, regions: int) -> tuple[int, ...]:
    """Return the places of regions whose homes are in layers in a state, those left out that do not exist."""
    given = arrays.get(REGIONS)
    if given is None or given.dtype.kind != "i":
        return ()
    return tuple(int(place) for place in np.unique(given) if 0 <= place < regions)


@dataclass(slots=True)
class _Reader:
    """Takes arrays of named dimensions from a file and checks them."""

    arrays: Arrays
    sizes: dict[str, int]
    """Sizes of dimensions that are known; others are noted when they are first met."""
    problems: Problems
    shown: str
    taken: set[str] = field(default_factory=set)

    def of(self, kind: type[OpenJobs | Past], path: str) -> dict[str, Any]:
        """Return the arrays of a dataclass by field; None for one that is missing."""
        return {
            name: self.take(f"{path}.{name}", dims, kind.RANGES[name], whole=name in {"unit", "position", "state"})
            if f"{path}.{name}" in self.arrays or kind is OpenJobs else None
            for name, dims in kind.SHAPES.items()
        }  # fmt: skip

    def take(self, name: str, dims: tuple[str, ...], span: tuple[float, float], *, whole: bool = False) -> Any:  # noqa: ANN401
        """Return an array, or None and a problem if it is not as it must be.

        A dimension whose name ends with a question mark may be 1. Infinite values are allowed in `worked` and `end`.
        """
        self.taken.add(name)
        given = self.arrays.get(name)
        if given is None:
            self.problems.add("is missing", table=self.shown, field=name)
            return None
        if given.ndim != len(dims) or given.dtype.kind != ("i" if whole else "f"):
            self.problems.add("has other dimensions or another type", table=self.shown, field=name)
            return None
        for dim, size in zip(dims, given.shape, strict=True):
            known = self.sizes.setdefault(dim.rstrip("?"), size)
            if size != known and not (dim.endswith("?") and size == 1):
                self.problems.add(
                    f"has {size:,} {dim.rstrip('?')}s in place of {known:,}", table=self.shown, field=name
                )
                return None
        open_ = np.isposinf(given) if name.endswith((".worked", ".end")) else np.zeros(given.shape, dtype=bool)
        if not (open_ | ((given >= span[0]) & (given <= span[1]))).all():
            self.problems.add(f"must be from {span[0]:g} to {span[1]:g}", table=self.shown, field=name)
            return None
        return given.astype(np.intp) if whole else given


def loaded(
    state: SavedState, like: Mapping[str, object], seen: Seen, *, running: Sequence[Declaration],
    plants: tuple[tuple[int, int, int], ...], fresh: Mapping[str, object],
) -> tuple[dict[str, Any], dict[str, Floats]]:  # fmt: skip
    """Return the states of services of a saved state, and what they see of the step before.

    Parameters
    ----------
    state
        The saved state.
    like, seen
        The same after a first step of the run from its usual start, which says what there must be.
    running
        Services of the run.
    plants, fresh
        As in `Widened`; the states of services before a first step.

    Raises
    ------
    InputError
        With everything that does not fit.
    """
    problems = Problems()
    widened = Widened(plants, arrays_of(fresh, "services")) if state.more_batteries else None
    own = arrays_of(like, "services")
    arrays = in_regions(state.arrays, own, regions=state.evening_mw.shape[1])
    services = {
        name: state_of(
            part, arrays, f"services.{name}", problems, shown=state.shown, members=state.members, widened=widened
        )
        for name, part in like.items()
    }
    names = [name for name in carried_names(running) if name in seen]
    last = {
        name: state_of(seen[name], state.arrays, f"seen.{name}", problems, shown=state.shown, members=state.members)
        for name in names
    }
    known = {*own, *(f"seen.{name}" for name in names)}
    for name in sorted(set(state.arrays) - known):
        problems.add("is not part of the state of such a run", table=state.shown, field=name[:80])
    problems.raise_if_any()
    return services, last


def from_state(scenario: Scenario, path: str | Path) -> Scenario:
    """Return a scenario that begins from a saved state: its time takes the place of `start`.

    Parameters
    ----------
    scenario
        The scenario; its end stays.
    path
        The file.

    Raises
    ------
    InputError
        If the file is not a saved state of this version, or its time is not before the end.
    """
    file, when = read_time(path)
    local = scenario.local(np.array([when]))[0].astype("datetime64[s]").astype(datetime)
    beside = scenario.folder / path if isinstance(scenario.folder, Path) else file
    named = str(path) if not beside.exists() or beside.samefile(file) else str(file.absolute())
    found = _unfit_dates(scenario, local, file.name)
    if not found:
        return scenario.replace(start=local, start_state=named)
    read = partial(
        examine_runnable, scenario.network, beside=scenario.folder, regions=scenario.network_regions
    )  # fmt: skip
    network, _ = Problems().of(read) or (None, [])  # the run says what is wrong with it
    asked = scenario.model_copy(update={"start_state": str(file.absolute())})
    raise InputError([*found, *examine_state(asked, network, unknown={"start", "end"})[1]])


def _unfit_dates(scenario: Scenario, time: datetime, shown: str) -> list[Problem]:
    """Return what is wrong with the end of a run that begins at the local time of a state."""
    end, length = f"{scenario.end:%Y-%m-%d %H:%M}", {"15min": "15 minutes", "30min": "30 minutes", "1h": "1 hour"}
    told = {
        NOT_AFTER: f"the run ends at {end}, which must be later",
        NOT_WHOLE: f"steps of {length[scenario.step]} from then on do not end at {end}",
    }
    wrong = wrong_period(time, scenario.end, step=scenario.step, clock=scenario.local_timezone)
    return [
        Problem(message=f"is a state of {time:%Y-%m-%d %H:%M}, and {told.get(message, f'the end, {end}, {message}')}",
                table=shown, field="time")
        for _, message in wrong
    ]  # fmt: skip


def read_time(path: str | Path) -> tuple[Path, np.datetime64]:
    """Return the file of a saved state, and its time in UTC.

    Raises
    ------
    InputError
        If it is not a saved state of this version.
    """
    file = find_state(str(path), beside=None)
    _, texts = read_arrays(file, file.name)
    problems = Problems()
    _check_texts(texts, problems, file.name)
    problems.raise_if_any()
    return file, np.datetime64(texts["time"], "s")


def load_state(path: str | Path) -> xr.Dataset:
    """Return what a saved state contains, to be looked at: each array by its name.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    xarray.Dataset
        Arrays by name, ``services.heat.every.mass_c``, in the units of their names; dimensions are named after their
        place and length. Attributes say of which run, network and time the state is.

    Raises
    ------
    InputError
        If the file is not a saved state of this version.

    Examples
    --------
    >>> import gridmodel as gm
    >>> import tempfile
    >>> folder = tempfile.mkdtemp()
    >>> scenario = gm.load_scenario("three-region").replace(events=[], end="2026-01-05 06:00")
    >>> result = gm.run(scenario, save_states=["2026-01-05 03:00"], states=folder)
    >>> state = gm.load_state(f"{folder}/state-2026-01-05T0300.nc")
    >>> state.attrs["network"], state.attrs["time"]
    ('three-region', '2026-01-05T03:00:00')
    """
    file = find_state(str(path), beside=None)
    arrays, texts = read_arrays(file, file.name)
    problems = Problems()
    _check_texts(texts, problems, file.name)
    problems.raise_if_any()
    made = {name: ([f"axis{axis}_{size}" for axis, size in enumerate(values.shape)], values)
            for name, values in arrays.items()}  # fmt: skip
    return xr.Dataset(made, attrs=texts)
