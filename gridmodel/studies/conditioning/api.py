"""`condition`: from a scenario and reports to a posterior ensemble."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from functools import partial
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import xarray as xr

from gridmodel.arrays import Floats
from gridmodel.errors import InputError, Problem, Problems
from gridmodel.network import Network, read_network
from gridmodel.results.manifest import input_hashes
from gridmodel.results.posterior import ATTRIBUTE, PATHS, PRIOR, learned_of
from gridmodel.scenario import Scenario
from gridmodel.scenario.model import Draft
from gridmodel.simulation.files import read_known
from gridmodel.simulation.inputs import check_size, run_inputs
from gridmodel.simulation.loop import empty_record
from gridmodel.simulation.unmeant import unmeant, warn
from gridmodel.studies.conditioning import outcome, timetables
from gridmodel.studies.conditioning.filter import MOST_ROUNDS, Filter, Particles
from gridmodel.studies.conditioning.observations import (
    Asked,
    Given,
    Observation,
    check_cells,
    read_observations,
    zones_of,
)
from gridmodel.studies.conditioning.replay import carried_on, replayed
from gridmodel.studies.conditioning.segments import Engine, Members, Segment, knots
from gridmodel.studies.conditioning.store import BLOCKS, Knots
from gridmodel.studies.conditioning.walk import first_scores
from gridmodel.version import __version__

KNOT_D = 7.0
"""Days between knots. [d]"""
LEAST_MEMBERS = 10
"""Fewest members. Ours: with fewer, weights say nothing."""
PERIOD = frozenset({"start", "end", "step", "timezone"})
"""Settings without which nothing is known of the time of a run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """All that conditioning needs, read and checked."""

    scenario: Scenario
    network: Network
    rows: tuple[Observation, ...]
    until: datetime
    segments: tuple[Segment, ...]
    learned: int
    """Segments up to `until`."""
    variables: frozenset[str]
    warnings: tuple[Problem, ...]
    """Warnings of what is in vain in the scenario."""

    @property
    def member_hours(self) -> tuple[float, float]:
        """Return how many hours of members are run at least, and at most. [h]"""
        hours = (self.scenario.end_utc - self.scenario.start_utc) / timedelta(hours=1)
        learning, before = (_hours(self.segments[:count]) for count in (self.learned, self.foretold))
        members = self.scenario.draws
        again = learning - _hours(self.segments[:1])  # the prior and the posterior begin alike
        least = before + again + hours - learning  # paths that are alike so far are run once
        return members * least, members * (least + (MOST_ROUNDS + 1) * learning)

    @property
    def coming(self) -> list[Observation]:
        """Return rows of what comes next, day by day of the country."""
        about = self.network.about
        country = "country" if about is None else about.country
        return outcome.next_rows(self.until, self.scenario, country, self.network.regions, self.variables)

    @property
    def timetables(self) -> list[Observation]:
        """Return rows of the timetables that come, day by day of each region."""
        return timetables.rows_of(self.until, self.scenario, zones_of(self.network), self.variables)

    @property
    def foretold(self) -> int:
        """Return the segments that are run before anything is learned: as far as rows go."""
        last = max(one.end for one in (*self.rows, *self.coming, *self.timetables))
        return 1 + sum(one.end < last for one in self.segments)

    @property
    def job(self) -> str:
        """Return what a study is, so that it is not gone on with as another."""
        rows = [
            [one.row["from"], one.row["to"], one.scope, one.quantity, one.value, one.report_sd] for one in self.rows
        ]
        about = {
            "gridmodel": __version__, "scenario": json.loads(self.scenario.model_dump_json()),
            "inputs": input_hashes(self.scenario), "until": str(self.until), "rows": str(rows),
            "knots": [str(one.end) for one in self.segments],
        }  # fmt: skip
        return sha256(json.dumps(about, sort_keys=True).encode()).hexdigest() + "\n"


def ask(
    scenario: Scenario | str | Path, observations: Given, *, until: str | datetime | None = None,
    members: int | None = None, seed: int | None = None, knot_days: float = KNOT_D,
) -> Question:  # fmt: skip
    """Read and check a scenario and observations, before anything is computed; see `condition`.

    Raises
    ------
    InputError
        With everything that is wrong.
    """
    changes = {name: value for name, value in (("members", members), ("seed", seed)) if value is not None}
    problems = Problems()
    draft = problems.of(lambda: _scenario(scenario, changes))
    if draft is None:
        problems.of(partial(check_cells, observations))
        raise InputError(problems.found)
    made = draft.scenario
    problems.found += draft.problems
    _check_members(made, draft.unknown, problems)
    end = None if draft.unknown & PERIOD else _until(until, made, problems)
    read = _read(draft, observations, end, problems)
    if read is not None:
        end = end or _midnight_after(max(one.end for one in read[2]), made)
    segments = () if draft.unknown & PERIOD else tuple(knots(made, end or made.end, knot_days))
    _check_knots(segments, made, problems)
    problems.raise_if_any()
    assert read is not None  # noqa: S101 - nothing was wrong
    assert end is not None  # noqa: S101 - the same
    network, (there, told), rows = read
    return Question(
        scenario=made, network=network, rows=tuple(rows), until=end, segments=segments, variables=there,
        learned=sum(one.end <= end for one in segments), warnings=tuple(told),
    )  # fmt: skip


def _scenario(given: Scenario | str | Path, changes: Mapping[str, Any]) -> Draft:
    """Return a scenario as far as it can be read, with everything that is wrong with it."""
    if not isinstance(given, Scenario):
        return read_known(given, changes)
    try:
        return Draft(scenario=given.replace(**changes) if changes else given, problems=[])
    except InputError as error:
        return Draft(scenario=given, problems=error.problems, unknown=frozenset(changes))


def _check_members(made: Scenario, unknown: AbstractSet[str], problems: Problems) -> None:
    """Note settings with which members cannot be weighed."""
    few = made.deterministic or made.members == "auto" or made.draws < LEAST_MEMBERS
    if few and not unknown & {"members", "deterministic"}:
        message = f"must be a number of {LEAST_MEMBERS} or more, of a scenario that is not deterministic"
        problems.add(message, table=made.origin.shown, field="members", value=made.members)
    for name in ("start_state", "save_states"):
        if getattr(made, name):
            problems.add("does not go with conditioning, which saves states of its own", field=name)
    if made.sampling == "saltelli":
        problems.add("saltelli is for sensitivity; its members are not independent", field="sampling")


def _check_knots(segments: Sequence[Segment], made: Scenario, problems: Problems) -> None:
    """Note a run in which no step begins where members are weighed and go on."""
    if any((made.to_utc(one.start) - made.start_utc) % made.step_length for one in segments):
        message = "must be a whole number of steps before midnight, when members are weighed and go on"
        value, hint = f"{made.start:%Y-%m-%d %H:%M}", "start on a full hour, or take shorter steps"
        problems.add(message, table=made.origin.shown, field="start", value=value, hint=hint)


def _read(
    draft: Draft, observations: Given, until: datetime | None, problems: Problems
) -> tuple[Network, tuple[frozenset[str], list[Problem]], list[Observation]] | None:  # fmt: skip
    """Return the network, what the inputs of a run say, and the observations; None if anything is wrong, noted."""
    scenario, unsure = draft.scenario, draft.unknown
    network = None if "network" in unsure else Problems().of(partial(_network, scenario))  # told with all files
    there = None if draft.problems else problems.of(partial(_of_inputs, scenario))
    if there is not None:
        problems.of(lambda: check_size(scenario, scenario.draws))
    asked = Asked(
        scenario=scenario, network=network, variables=None if there is None else there[0], until=until, unknown=unsure
    )
    rows = problems.of(lambda: read_observations(observations, asked))
    return None if network is None or there is None or rows is None else (network, there, rows)


def _network(scenario: Scenario) -> Network:
    return read_network(scenario.network, beside=scenario.folder)


def _of_inputs(scenario: Scenario) -> tuple[frozenset[str], list[Problem]]:
    """Return the variables that a result of a scenario has, and warnings of what is in vain in it."""
    one = scenario.replace(members=1, sampling="random", start_state=None, save_states=())  # others are told by `ask`
    made = run_inputs(one)
    return frozenset(empty_record(made, None).kept), unmeant(made)


def _until(given: str | datetime | None, scenario: Scenario, problems: Problems) -> datetime | None:
    """Return the time up to which is learned; None without one, or where it is wrong, which is noted."""
    if given is None:
        return None
    try:
        moment = datetime.fromisoformat(given) if isinstance(given, str) else given
    except ValueError:
        problems.add("is not a local time such as 2026-01-20", field="until", value=given)
        return None
    if moment.tzinfo is not None or (moment.time() != time() and moment != scenario.end):
        problems.add("must be a midnight, local time, since plans are made for whole days", field="until", value=given)
    elif not scenario.start < moment <= scenario.end:
        run = f"{scenario.start:%Y-%m-%d %H:%M} to {scenario.end:%Y-%m-%d %H:%M}"
        problems.add(f"is not within the run, {run}", field="until", value=given)
    else:
        return moment
    return None


def _midnight_after(moment: datetime, scenario: Scenario) -> datetime:
    day = datetime.combine(moment, time())
    return min(day if day == moment else day + timedelta(days=1), scenario.end)


def condition(
    scenario: Scenario | str | Path, observations: Given, until: str | datetime | None = None, *,
    members: int | None = None, seed: int | None = None, workers: int = 1, knot_days: float = KNOT_D,
    store: str | Path | None = None, progress: Callable[[float, float], None] | None = None,
) -> xr.Dataset:  # fmt: skip
    """Bring a scenario up to date by what is reported, and run on to its end.

    Parameters
    ----------
    scenario
        A scenario, a bundled name, or the path of a scenario file.
    observations
        A CSV file, a table, or rows: `from`, `to`, `scope`, `quantity`, `value`, and perhaps `low`, `high`, `spread`,
        `unit`, `source`; see `gridmodel.studies.conditioning.quantities.QUANTITIES`.
    until
        Local midnight up to which is learned; by default the one after the last observation.
    members, seed
        In place of the scenario's.
    workers
        Processes; results do not depend on their number.
    knot_days
        Days between knots. [d]
    store
        Folder of what was reached, from which a study that was stopped goes on; None to keep nothing.
    progress
        Called with the member-hours done, and the most that there can be.

    Returns
    -------
    xarray.Dataset
        As of `gridmodel.run`, members of equal weight, without the log of hits. The attribute ``conditioned`` says as
        JSON what was learned.

    Raises
    ------
    InputError
        With everything that is wrong, before anything is computed.

    Warns
    -----
    UserWarning
        Of settings without effect, and of what is against the network.
    """
    asked = ask(scenario, observations, until=until, members=members, seed=seed, knot_days=knot_days)
    warn(asked.warnings, stacklevel=2)
    return answer(asked, workers=workers, store=store, progress=progress)


def answer(
    asked: Question, *, workers: int = 1, store: str | Path | None = None,
    progress: Callable[[float, float], None] | None = None,
) -> xr.Dataset:  # fmt: skip
    """Condition a scenario whose question is checked; see `condition`."""
    reached = None if store is None else Knots(Path(store), asked.job)
    names, _ = first_scores(asked.scenario, 1)
    engine = Engine(asked.scenario, asked.segments, names, workers=workers)
    count = _Counter(engine, asked, progress)
    place = None if reached is None else reached.cleared()
    # cleaned up after the processes, which may write until they end
    with TemporaryDirectory(prefix=BLOCKS, dir=place) as scratch, engine.started():
        prior = _filter(engine, asked, (*asked.rows, *asked.coming, *asked.timetables), learn=False)
        before = _through(prior, asked.foretold, reached, "prior", count)
        learning = _filter(engine, asked, asked.rows, learn=True)
        learning.begun = prior.begun
        after_all = _through(learning, asked.learned, reached, "posterior", count)
        members = carried_on(engine, after_all.members)
        count.begin()
        result, _ = replayed(engine, members, folder=Path(scratch))
    return _labelled(result, asked, _outcome(asked, before, after_all, members, learning, result), names, members)


def _hours(segments: Sequence[Segment]) -> float:
    return 24.0 * sum(one.days for one in segments)


def _filter(engine: Engine, asked: Question, rows: Sequence[Observation], *, learn: bool) -> Filter:
    listed = sorted(rows, key=lambda one: one.end)
    ends = [sum(one.end <= segment.end for one in listed) for segment in asked.segments]
    keep = tuple(sorted({name for one in listed for name in one.what.needs}))
    return Filter(engine=engine, rows=listed, ends=ends, keep=keep, members=asked.scenario.draws, learn=learn)


def _through(made: Filter, segments: int, store: Knots | None, name: str, count: _Counter) -> Particles:
    """Take a filter through its segments, from the last that was reached before."""
    done, reached = (0, None) if store is None else store.read(name, made, segments)
    now = made.begin() if reached is None else reached
    for segment in range(done, segments):
        count.begin(segment)
        now = made.step(segment, now)
        if store is not None:
            store.write(name, segment, now, made)
    return now


class _Counter:
    """Counts member-hours."""

    def __init__(
        self, engine: Engine, asked: Question, progress: Callable[[float, float], None] | None
    ) -> None:  # fmt: skip
        self.asked, self.progress, self.done = asked, progress, 0.0
        self.hours = 0.0
        engine.note = self.note

    def begin(self, segment: int | None = None) -> None:
        """Note which segment is run; None for all, one after the other."""
        segments = self.asked.segments
        days = [one.days for one in segments]
        self.hours = 24.0 * (days[segment] if segment is not None else sum(days) / len(days))

    def note(self, members: int) -> None:
        """Note that a block is done."""
        self.done += members * self.hours
        if self.progress is not None:
            self.progress(self.done, self.asked.member_hours[1])


def _outcome(  # noqa: PLR0917 - what was asked, and all that was found
    asked: Question, before: Particles, now: Particles, members: Members, learning: Filter, result: xr.Dataset
) -> dict[str, Any]:  # fmt: skip
    """Return what was learned, as JSON has it."""
    after, coming = asked.coming, asked.timetables
    listed = sorted([*asked.rows, *after, *coming], key=lambda one: one.end)
    of_prior = {id(one): said for one, said in zip(listed, before.modelled, strict=True)}
    place, was, ahead = (_of([of_prior[id(one)] for one in rows], before) for rows in (asked.rows, after, coming))
    said = _of([one.what.operator(result, one.row) for one in after], now)
    told_before = outcome.told(asked.scenario, after, was, purpose="prior")
    told_now = outcome.told(asked.scenario, after, said, known=now.modelled, before=asked.rows)
    first = np.array(first_scores(asked.scenario, asked.scenario.draws)[1])
    rows = [
        {**outcome.row_of(one), "prior": a, "posterior": b, **apart} for one, a, b, apart in zip(
            asked.rows, outcome.banded(place), outcome.banded(now.modelled),
            outcome.left_out(learning.errors, now.modelled), strict=True,
        )
    ]  # fmt: skip
    unlearned = outcome.told(asked.scenario, coming, ahead, purpose="timetables.prior")
    foretold = timetables.foretold(asked.scenario, coming, ahead, asked.rows, place)
    return {
        "until": f"{asked.until:%Y-%m-%d %H:%M}", "observations": len(asked.rows),
        **outcome.trust(learning.passed, asked.scenario.draws), "rows": rows,
        "next": outcome.beside(after, told_before, told_now),
        "timetables": outcome.beside(coming, unlearned, foretold),
        "timetables_from": len(timetables.told_by(asked.rows)),
        PRIOR: {"known": outcome.rounded(place), "timetables": outcome.rounded(ahead)},
        "settings": outcome.moved(asked.scenario, learning.engine.names, first, members.scores[asked.learned - 1]),
    }  # fmt: skip


def _of(rows: Sequence[Floats], like: Particles) -> Floats:
    return np.reshape(np.array(rows, dtype=float), (len(rows), like.modelled.shape[1]))


def _labelled(
    result: xr.Dataset, asked: Question, found: dict[str, Any], names: Sequence[str], members: Members
) -> xr.Dataset:  # fmt: skip
    """Return a posterior that says that it is one, and how its members can be run again."""
    scenario = asked.scenario
    paths = {
        "settings": list(names), "numbers": members.numbers.tolist(), "scores": members.scores.tolist(),
        "knots": [f"{one.end:%Y-%m-%d %H:%M}" for one in asked.segments], "learned": asked.learned,
    }  # fmt: skip
    attrs = {
        **result.attrs, "history": f"gridmodel {__version__}: {len(members)} members of {scenario.network} in "
        f"{scenario.weather}, seed {scenario.seed}, chosen by {len(asked.rows)} reports",
        "title": f"{scenario.name}, after reports up to {asked.until:%Y-%m-%d %H:%M}"[:200],
        "start": f"{scenario.start:%Y-%m-%d %H:%M}", "end": f"{scenario.end:%Y-%m-%d %H:%M}",
        "scenario": scenario.model_dump_json(), ATTRIBUTE: json.dumps(found | {PATHS: paths}),
    }  # fmt: skip
    return result.assign_attrs(attrs)


def posterior_scenario(result: xr.Dataset, scenario: Scenario) -> Scenario:
    """Return the scenario of a posterior from the time on up to which was learned: its members go on as in it.

    Measures are ranked on it by `gridmodel.plan` as on any other. Settings stay as they are at that time.

    Parameters
    ----------
    result
        Posterior, as `condition` returns it.
    scenario
        Scenario that it was made from.

    Raises
    ------
    InputError
        If the result is not a posterior.
    """
    found = learned_of(result)
    if found is None:
        raise InputError([Problem(message="is not a posterior: it was made by `gridmodel run`")])
    segments, members, learned, names = _paths(found, scenario)
    if learned == len(segments):
        message = "has nothing left to plan for: it was learned up to the end of the run"
        raise InputError([Problem(message=message)])
    engine = Engine(scenario, segments, names)
    _, state = replayed(engine, members, keep=(), segments=learned)
    ensemble = engine.ensemble(learned, members.up_to(learned), state)
    begun = scenario.replace(start=segments[learned].start, members=len(members))
    return begun.with_ensemble(replace(ensemble, until=None))


def _paths(found: Mapping[str, Any], scenario: Scenario) -> tuple[list[Segment], Members, int, list[str]]:
    """Return segments, members, the number of segments that were learned from, and settings of a posterior.

    Raises
    ------
    InputError
        If they are not those of a posterior of the scenario.
    """
    names, _ = first_scores(scenario, 1)
    wrong = InputError([Problem(message="is not what a posterior of this scenario says", field=ATTRIBUTE)])
    try:
        paths = found[PATHS]
        moments = [scenario.start, *map(datetime.fromisoformat, paths["knots"])]
        numbers, scores = np.array(paths["numbers"], dtype=np.int64), np.array(paths["scores"], dtype=float)
        learned, known = int(paths["learned"]), list(paths["settings"])
        count = len(moments) - 1
        fits = (
            moments == sorted(set(moments)) and moments[-1] == scenario.end and known == names
            and numbers.shape == (count, int(found["members"])) and scores.shape == (*numbers.shape, len(names))
            and 1 <= learned <= count and bool(np.isfinite(scores).all()) and bool((numbers >= 0).all())
        )  # fmt: skip
    except (KeyError, TypeError, ValueError, OverflowError):
        raise wrong from None
    if not fits:
        raise wrong
    segments = [Segment(start=a, end=b) for a, b in pairwise(moments)]
    return segments, Members(numbers=numbers, scores=scores), learned, names
