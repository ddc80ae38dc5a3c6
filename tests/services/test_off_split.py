"""People off by rotation and by damage, under generated events of every kind: parts of those without power, no more."""

import shutil
from io import StringIO
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import LONG
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from rich.console import Console

import gridmodel as gm
from gridmodel.commands.summary import print_summary
from gridmodel.inputs.files import ROOT
from gridmodel.output.sheet import html as sheet_page
from gridmodel.results.metrics import off_by
from gridmodel.scenario import make_scenario

PLACES = {"nuclear": ["TR-1"], "thermal_coal": ["TR-2"], "hydro": ["TR-3"], "import": ["TR"]}
ANYWHERE = ["TR", "TR-1", "TR-2", "TR-3"]
DAMAGED = ["generation", "nuclear", "thermal_coal", "hydro", "transfer", "delivery", "import", "heat_source"]
MODES = [
    ("mean", "optimum"),
    *((turns, cuts) for turns in ("queues", "fixed") for cuts in ("optimum", "order", "feeders")),
]
RETURNING = [
    {"time": "2026-01-05 01:00", "target": "TR-1/delivery", "kind": "limit", "share": 0.1, "duration_h": 4},
    {"time": "2026-01-05 01:00", "target": "TR-1/delivery", "kind": "limit", "share": 0.6},
]
"""Half of the feeders that break are mended after four hours, so that load returns beside broken ones."""
pytestmark = pytest.mark.filterwarnings("ignore:.*(has no effect|limits nothing):UserWarning")  # events are drawn
SOME = settings(max_examples=80 if LONG else 5, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def without_homes(tmp_path_factory):
    """The three regions, the first of which has no household demand."""
    folder = tmp_path_factory.mktemp("networks") / "without-homes"
    shutil.copytree(ROOT / "networks" / "three-region", folder)
    regions = pd.read_csv(folder / "regions.csv")
    regions.loc[0, ["share_household", "share_business", "share_industry"]] = [0.0, 0.3, 0.4]
    regions.to_csv(folder / "regions.csv", index=False)
    return str(folder)


def test_summaries_tell_both_parts_which_add_up_to_all_without_power():
    # half of TR-1's feeders are broken for six hours, and there is power for all others
    result = gm.run(make_scenario({
        "name": "split", "network": "three-region", "weather": "three-region", "timezone": "UTC", "start": "2026-01-05 00:00",
        "end": "2026-01-06 00:00", "deterministic": True, "demand_factor": 0.5, "heater_feedback": False,
        "cold_load_pickup": False,
        "events": [{"time": "2026-01-05 06:00", "target": "TR-1/delivery", "kind": "limit", "share": 0.5, "duration_h": 6}],
    }))  # fmt: skip
    people = float(result["population"].sel(region="TR-1"))
    told = gm.summarise(result)["mean"]
    assert told["person_hours_off_by_damage"] == pytest.approx(6 * people / 2)
    assert told["person_hours_off_by_rotation"] == 0.0
    assert told["people_off_by_damage_peak"] == pytest.approx(people / 2)
    assert off_by(result) == {"damage": 1.0}
    assert off_by(result.sel(region=["TR-2"])) == {}
    short = gm.run("three-region")
    parts = gm.summarise(short)["mean"][["person_hours_off_by_rotation", "person_hours_off_by_damage"]]
    assert parts.sum() == pytest.approx(float(gm.summarise(short)["mean"]["person_hours_without_power"]))
    assert list(off_by(short).values()) == pytest.approx((parts / parts.sum()).tolist())
    by_region = gm.metrics.summarise_regions(result)["person_hours_off_by_damage_p50"]
    assert by_region.to_dict() == pytest.approx({"TR-1": 3 * people, "TR-2": 0.0, "TR-3": 0.0})
    for lang, rotation, damage in [
        ("en", "rotation 100 %", "damage 100 %"),
        ("uk", "відключення", "пошкодження 100 %"),
    ]:
        screen = Console(file=StringIO(), width=200)
        print_summary(result, Path("x"), screen=screen, lang=lang)
        said = screen.file.getvalue()
        assert damage in said
        assert rotation not in said
    html, other = (sheet_page(result, region).replace("\u00a0", " ") for region in ("TR-1", "TR-2"))
    assert "Why homes have no power, by person-hours: damage 100 %." in html
    assert "By damage, on broken feeders or dead islands, 500 thousand people are off at once." in html
    assert "Why homes have no power" not in other


@st.composite
def events_of(draw, kinds, classes, most=4):
    """Rows of events of some kinds on some classes of the three regions."""
    rows = []
    for _ in range(draw(st.integers(1, most))):
        kind, at = draw(st.sampled_from(kinds)), f"2026-01-05 {draw(st.integers(0, 10)):02d}:00"
        what = draw(st.sampled_from(classes))
        row = {"time": at, "target": f"{draw(st.sampled_from(PLACES.get(what, ANYWHERE)))}/{what}", "kind": kind}
        share = draw(st.sampled_from([0.0, 0.1, 0.5, 0.9, 1.0]))
        if kind in {"outage", "limit"}:
            row |= {"share": share, "duration_h": draw(st.integers(1, 9))}
        elif kind == "loss":
            row |= {"share": share}
        elif kind == "strike":
            row |= {"hits_before_interception": draw(st.integers(1, 12)), "interception": 0.3}
        elif kind == "wave":
            weapons = {"missile": {"number": draw(st.integers(1, 30)), "interception": 0.5}}
            row |= {"target": draw(st.sampled_from(ANYWHERE)), "profile": "mixed", "weapons": weapons}
        rows.append(row)
    return sorted(rows, key=lambda row: row["time"])


def run_of(events, mode, **changes):
    rotation, cuts = mode
    return gm.run(make_scenario({
        "name": "any", "network": "three-region", "weather": "three-region", "timezone": "UTC", "start": "2026-01-05", "end": "2026-01-05 12:00",
        "members": 2, "seed": 7, "events": events, "rotation": rotation, "cuts": cuts, "heater_feedback": False,
    } | changes))  # fmt: skip


def parts(result):
    """Return people off by rotation, by damage and in all, as shares; check what holds in any run."""
    names = ("people_off_by_rotation", "people_off_by_damage", "people_without_power")
    rotation, damage, off = ((result[name] / result["population"]).to_numpy() for name in names)
    assert not ((damage > 0) & (damage < 1e-13)).any()  # rounding is nobody
    assert rotation + damage == pytest.approx(off, abs=1e-6)
    for part in (rotation, damage):
        assert part.min() >= -1e-6
        assert (part <= off + 1e-6).all()
    need, shed = (result[name].sel(tier="household").to_numpy() for name in ("demand_mw", "shed_mw"))
    lacks = np.divide(shed, need, out=off.copy(), where=need > 0)
    more = np.divide(result["pickup_mw"].to_numpy(), need, out=np.zeros_like(off), where=need > 0)
    assert (np.abs(off - lacks) < more + 1e-6).all()  # homes that return take more than others do, on or off again
    return rotation, damage, off


@given(
    events_of(["outage", "loss", "limit", "strike", "wave", "repair"], DAMAGED), st.sampled_from(MODES),
    st.sampled_from(["none", "overload", "full"]), st.booleans(), st.booleans(), st.sampled_from([0.5, 1.0]),
)  # fmt: skip
@SOME
def test_under_any_events_people_off_are_those_by_rotation_and_those_by_damage(
    without_homes, events, mode, cascade, empty, heaters, level
):
    changes = {"network": without_homes} if empty else {}
    result = run_of(events, mode, cascade=cascade, heater_feedback=heaters, demand_factor=level, **changes)
    parts(result)


@given(events_of(["limit"], ["generation", "import", "nuclear"]), st.sampled_from(MODES), st.booleans())
@SOME
def test_a_shortage_without_damage_leaves_nobody_off_by_damage(without_homes, events, mode, empty):
    changes = {"network": without_homes} if empty else {}
    rotation, damage, off = parts(run_of(events, mode, demand_factor=1.0, **changes))
    dead = off > 1 - 1e-9  # plant that gives nothing holds no island
    assert damage[~dead].max(initial=0.0) == pytest.approx(0, abs=1e-6)
    assert rotation.max() > 0


@given(
    events_of(["outage", "limit", "loss", "strike", "repair"], ["delivery"]), st.sampled_from(MODES[1:]), st.booleans()
)
@example(RETURNING, ("queues", "order"), False)
@SOME
def test_broken_feeders_without_a_shortage_leave_nobody_off_by_rotation(without_homes, events, mode, empty):
    changes = {"network": without_homes} if empty else {}
    rotation, damage, off = parts(run_of(events, mode, demand_factor=0.5, **changes))
    assert rotation.max() == pytest.approx(0, abs=1e-6)
    assert damage == pytest.approx(off, abs=1e-6)
