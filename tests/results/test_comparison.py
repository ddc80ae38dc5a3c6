import json
import re
import shutil

import numpy as np
import pytest
import xarray as xr
from browsing import t_of
from click.testing import CliRunner
from conftest import LONG

import gridmodel as gm
from gridmodel.commands import main
from gridmodel.results.comparison import check_events, check_states, compare
from gridmodel.results.run_folder import write_run


def result(shed, *, seed=1, deterministic=0, regions=("A", "B"), end="later"):
    """A run of one step from shedding, shape (member, region); need is 100 MW, people 1,000 and 3,000."""
    shed = np.asarray(shed, float)
    people = np.array([1000.0, 3000.0])
    dims = ("member", "time", "region", "tier")
    return xr.Dataset(
        {"shed_mw": (dims, shed[:, None, :, None]), "demand_mw": (dims, np.full((len(shed), 1, 2, 1), 100.0)),
         "people_without_power": (dims[:3], (shed / 100 * people)[:, None]), "population": ("region", people)},
        coords={"member": np.arange(len(shed)), "region": list(regions), "tier": ["household"], "region_name": ("region", ["Aland", "Bland"])},
        attrs={"step_h": 1.0, "seed": seed, "deterministic": deterministic, "start": "now", "end": end},
    )  # fmt: skip


BEFORE = [[10, 0], [50, 0], [90, 0]]
AFTER = [[8, 0], [47, 0], [89, 0]]


def test_paired_differences_have_the_interval_of_the_differences():
    table = compare(result(BEFORE), result(AFTER))
    row = table.loc[("A", "energy_not_served")]
    assert row["difference"] == pytest.approx(-2)
    assert row["standard_error"] == pytest.approx(1 / np.sqrt(3))
    assert row["low"] == pytest.approx(-2 - 4.302653 / np.sqrt(3))  # t at 2 degrees of freedom
    assert bool(row["paired"])
    assert (row["first"], row["second"]) == (50, 48)
    assert (row["first_p50"], row["second_p50"]) == (50, 47)
    assert row[["first_p95", "second_p95"]].tolist() == pytest.approx([86, 84.8])  # nine tenths of the way to the worst
    assert table.attrs["members"] == (3, 3)


def test_the_country_is_the_sum_or_the_mean_person():
    table = compare(result([[10, 20], [10, 20]]), result([[20, 20], [20, 20]]))
    assert table.loc[("ALL", "energy_not_served"), "difference"] == pytest.approx(10)
    assert table.loc[("ALL", "person_hours_without_power"), "difference"] == pytest.approx(100)
    mixed = compare(result([[0, 40], [10, 20], [40, 0]]), result([[0, 0]] * 3))
    assert mixed.loc[("ALL", "energy_not_served"), "first_p50"] == 40  # of sums of 40, 30 and 40, not a sum of medians
    assert table.loc[("ALL", "hours_without_power_per_day"), "difference"] == pytest.approx(2.4 / 4)
    assert table.loc[("B", "person_hours_without_power"), "difference"] == 0


def test_other_seeds_are_not_paired_and_say_so():
    table = compare(result(BEFORE), result(AFTER, seed=2))
    row = table.loc[("A", "energy_not_served")]
    assert not row["paired"]
    errors = [np.std([row[0] for row in values], ddof=1) / np.sqrt(3) for values in (BEFORE, AFTER)]
    assert row["standard_error"] == pytest.approx(np.hypot(*errors))
    assert row["low"] < -2 < row["high"]
    assert row["high"] - row["low"] > 100


def test_one_draw_has_a_difference_and_no_interval():
    row = compare(result([[10, 0]], deterministic=1), result([[5, 0]], deterministic=1)).loc[("A", "energy_not_served")]
    assert row["difference"] == -5
    assert np.isnan(row["low"])


def test_other_members_of_one_run_are_not_paired_by_their_place():
    whole = result([[10, 0], [50, 0], [90, 0], [30, 0]])
    assert compare(whole.isel(member=[1, 2]), whole.isel(member=[1, 2]))["paired"].all()
    assert not compare(whole.isel(member=[0, 1]), whole.isel(member=[1, 2]))["paired"].any()


@pytest.mark.gate  # at each edit: intervals by hand, in `test_statistics.py`
def test_paired_intervals_hold_the_true_difference_in_about_their_share():
    rng = np.random.default_rng(3)
    held, times = 0, 300 if LONG else 100
    for _ in range(times):
        base = rng.uniform(10, 60, (12, 2))
        table = compare(result(base), result(base - 3 + rng.normal(0, 2, base.shape)))
        row = table.loc[("A", "energy_not_served")]
        held += row["low"] <= -3 <= row["high"]
    assert 0.91 < held / times < 0.985


def test_runs_of_other_regions_and_times_are_refused_together():
    with pytest.raises(gm.InputError) as caught:
        compare(result(BEFORE), result(AFTER, regions=("A", "C"), end="never"))
    assert [problem.field for problem in caught.value.problems] == ["region", "end"]


HIT = {"time": "2026-01-05 06:00", "target": "TR-1/heat_source", "kind": "strike", "interception": 0.5}


def test_runs_that_differ_in_regional_events_are_refused_and_conditions_are_not():
    regions = ["TR-1", "TR-2"]
    national = {"time": "2026-01-05 06:00", "target": "TR/fuel", "kind": "limit", "share": 0.5}
    check_events(([HIT], ""), ([HIT | {"interception": 0.9, "note": "x"}], ""), "b", regions)
    check_events(([HIT], ""), ([HIT, national], ""), "b", regions)
    check_events(("x.csv", "sha256:1"), ("y.csv", "sha256:1"), "b", regions)
    for other in (
        ([HIT | {"target": "TR-2/heat_source"}], ""),
        ([HIT | {"share": 0.3}], ""),
        ([], ""),
        ("x.csv", "sha256:1"),
    ):
        with pytest.raises(gm.InputError, match="ranks help"):
            check_events(([HIT], ""), other, "b", regions)


NATIONAL = {"time": "2026-01-05 06:00", "target": "TR/nuclear", "kind": "outage", "share": 0.5}


def test_runs_that_lose_other_classes_of_the_country_are_refused_and_one_that_loses_nothing_is_not():
    regions = ["TR-1", "TR-2"]
    check_events(([NATIONAL], ""), ([], ""), "b", regions)
    check_events(([NATIONAL], ""), ([NATIONAL | {"share": 0.3}], ""), "b", regions)
    limit = {"time": "2026-01-05 06:00", "target": "TR/fuel", "kind": "limit", "share": 0.5}
    check_events(([NATIONAL, limit], ""), ([NATIONAL], ""), "b", regions)
    for other in (NATIONAL | {"target": "TR/hydro"}, NATIONAL | {"target": "TR/delivery", "kind": "loss"}):
        with pytest.raises(gm.InputError, match="never what to hit"):
            check_events(([NATIONAL], ""), ([other], ""), "b", regions)


def test_interception_that_differs_from_place_to_place_is_no_condition():
    regions = ["TR-1", "TR-2"]
    first, second = HIT, HIT | {"target": "TR-2/heat_source"}
    less = [one | {"interception": 0.9} for one in (first, second)]
    check_events(([first, second], ""), (less, ""), "b", regions)
    with pytest.raises(gm.InputError, match="ranks help"):
        check_events(([first, less[1]], ""), ([less[0], second], ""), "b", regions)


def test_runs_from_other_saved_states_are_refused():
    check_states(("a.nc", "sha256:1"), ("b.nc", "sha256:1"), "b")
    check_states(([], ""), (None, ""), "b")
    for other in (("b.nc", "sha256:2"), ([], "")):
        with pytest.raises(gm.InputError, match="one state"):
            check_states(("a.nc", "sha256:1"), other, "b")


def test_the_function_refuses_what_the_command_refuses(three):
    hit = {"time": "2026-01-05 02:00", "target": "TR-1/delivery", "kind": "limit", "share": 0.5}
    short = three(end="2026-01-05 04:00", events=[hit])
    run, other = gm.run(short), gm.run(short.replace(events=[hit | {"target": "TR-2/delivery"}]))
    with pytest.raises(gm.InputError, match="ranks help"):
        gm.compare(run, other)
    assert (gm.compare(run, run)["difference"] == 0).all()


def test_a_run_compared_with_itself_differs_in_nothing(january):
    table = compare(january, january)
    assert (table["difference"] == 0).all()
    assert set(table.index.unique("region")) >= {"ALL", "UA-30"}


@pytest.mark.gate  # at each edit: the function that it calls
def test_the_command_compares_runs_and_refuses_others(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")

    def cli(*args, code=0):
        got = CliRunner().invoke(main, list(args), catch_exceptions=False)
        assert got.exit_code == code, got.output
        return got

    text = "name: x\nnetwork: three-region\nweather: three-region\ntimezone: UTC\nstart: 2026-01-05\nend: 2026-01-05 09:00\nmembers: 3\n"
    for name, more in {
        "a": "import_limit_mw: 0\n",
        "b": "import_limit_mw: 200\n",
        "c": "events:\n- {time: 2026-01-05 06:00, target: TR-2/delivery, kind: limit, share: 0.5}\n",
    }.items():
        (tmp_path / f"{name}.yaml").write_text(text + more)
        scenario = gm.load_scenario(f"{name}.yaml")
        write_run(gm.run(scenario), scenario, tmp_path / name, command=["gridmodel"], seconds={})
    shown = cli("compare", "a", "b").stdout
    assert "b, less a" in shown
    assert "first, second: typical, the median of the members; in brackets the bad case:" in shown
    assert re.search(r"not served.*\d \(\d\S*\) .*\d \(\d\S*\) ", shown)
    assert "member by member" in shown
    assert not [line for line in shown.splitlines() if len(line) > 80 or "…" in line]
    rows = json.loads(cli("compare", "a", "b", "--json").stdout)["differences"]
    country = next(row for row in rows if row["region"] == "ALL" and row["metric"] == "energy_not_served")
    assert country["difference"] < 0
    shutil.copytree("b", "d")
    table = cli("compare", "a", "b", "d", "--csv").stdout
    assert table.startswith("run,region,metric,unit,first,second,difference")
    assert {line.split(",")[0] for line in table.splitlines()[1:]} == {"b", "d"}
    assert "ranks help" in cli("compare", "a", "c", code=1).stderr
    cli("compare", "a", "b", "--html", "ab.html", "--lang", "uk")
    page = (tmp_path / "ab.html").read_text(encoding="utf-8")
    assert '<html lang="uk">' in page
    assert "Порівняно варіант за варіантом" in page
    assert page.count("<svg") == 6
    assert "Люди в часі, типово (медіана варіантів), млн" in page
    assert f"<small>{t_of('bad', 'uk')}</small>" in page
    rounded = float(f"{abs(country['difference']):.3g}")
    assert f"{rounded:,.0f}".replace(",", "\u202f") in page
    assert "cannot be written" in cli("compare", "a", "b", "--html", "no/ab.html", code=1).stderr
    assert "TR-9" in cli("compare", "a", "b", "--region", "TR-9", code=1).stderr
    text = text.replace("members: 3", "deterministic: true")
    for name, more in {"e": "import_limit_mw: 0\n", "f": "import_limit_mw: 200\n"}.items():
        (tmp_path / f"{name}.yaml").write_text(text + more)
        scenario = gm.load_scenario(f"{name}.yaml")
        write_run(gm.run(scenario), scenario, tmp_path / name, command=["gridmodel"], seconds={})
    alone = cli("compare", "e", "f", "--html", "ef.html").stdout
    assert not re.search("typical|bad case|median", alone + (tmp_path / "ef.html").read_text(encoding="utf-8"))
    cli("compare", "a", code=2)
    cli("compare", "a", "a", code=2)
