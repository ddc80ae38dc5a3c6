"""State of a run: saved at the start of any step, checked, and gone on with.

A saved state contains what services carry from step to step (`gridmodel.services.carried`), what they see of each
other's last step, and of events what has happened: hits, the work done on them, and what limits refer to. Everything
else is made again from the scenario: what members draw is drawn alike, since random streams are named.
"""

from __future__ import annotations

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
from gridmodel.scenario import Scenario
from gridmodel.scenario.groups.period import NOT_AFTER, NOT_WHOLE, wrong_period
from gridmodel.services.carried import Members, Widened, arrays_of, state_of
from gridmodel.services.declare import Declaration
from gridmodel.services.layers import in_regions
from gridmodel.services.registry import SERVICES
from gridmodel.simulation.same_run import FORMAT, check_same, check_texts, placed_batteries, settings_of
from gridmodel.version import __version__

if TYPE_CHECKING:
    from gridmodel.services.setup import Seen

REGIONS = "services.power.turns.layers.regions"
"""Array of a state that says in which regions homes are in layers."""
MAX_JSON = 500_000
"""Most values of the events of a state. Ours: as many as a manifest may have."""


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
        check_texts(texts, problems, path.name)
        problems.raise_if_any()
        check_same(scenario, texts, network, problems, shown=path.name, unknown=set(unknown))
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
    check_texts(texts, problems, file.name)
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
    check_texts(texts, problems, file.name)
    problems.raise_if_any()
    made = {name: ([f"axis{axis}_{size}" for axis, size in enumerate(values.shape)], values)
            for name, values in arrays.items()}  # fmt: skip
    return xr.Dataset(made, attrs=texts)
