"""The value of help: amounts by hand, weights, ranks and how sure they are."""

import json

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

import gridmodel as gm
from gridmodel.commands import main
from gridmodel.results.comparison import compare, regional
from gridmodel.results.value import amounts, duels, rank_span, ranks, read_weights, weighted
from gridmodel.scenario import make_scenario
from gridmodel.studies import mitigation

BASE = {"name": "x", "network": "three-region", "weather": "three-region", "timezone": "UTC", "deterministic": True,
        "rotation": "mean", "start": "2026-01-05 00:00", "end": "2026-01-06 00:00"}  # fmt: skip
OUT = [{"time": "2026-01-05 02:00", "target": "TR-1/heat_source", "kind": "outage", "share": 0.6},
       {"time": "2026-01-05 06:00", "target": "TR-1/generation", "kind": "outage", "share": 0.5}]  # fmt: skip


def two_regions():
    """Two hours, one member. North: 100 people, 40 of them in rooms of 10 °C, then in rooms of 8 °C, the others warm;
    half are vulnerable. South: 200 people, warm, a quarter vulnerable, 30 without water in the first hour, and half of
    telecom dark in the second."""
    hour = ("member", "time", "region")
    return xr.Dataset(
        {
            "population": ("region", [100.0, 200.0]),
            "vulnerable_share": (("member", "region"), [[0.5, 0.25]]),
            "degree_hours_below_18c": (hour, [[[0.4 * 8, 0.0], [0.4 * 10, 0.0]]]),
            "degree_hours_below_12c": (hour, [[[0.4 * 2, 0.0], [0.4 * 4, 0.0]]]),
            "people_without_heat": (hour, [[[40.0, 0.0], [40.0, 0.0]]]),
            "people_without_water": (hour, [[[0.0, 30.0], [0.0, 0.0]]]),
            "people_without_power": (hour, np.zeros((1, 2, 2))),
            "dark_share": ((*hour, "system"), [[[[0.0], [0.0]], [[0.0], [0.5]]]]),
        },
        coords={"system": ["telecom"]},
        attrs={"step_h": 1.0},
    )


NOBODY = np.zeros((2, 2))


def test_two_regions_in_two_hours_have_the_amounts_worked_out_by_hand():
    found = amounts(two_regions(), NOBODY)
    assert found["below_18c"][:, 0] == pytest.approx([40 * 8 + 40 * 10, 0.5 * 720])
    assert found["below_12c"][:, 0] == pytest.approx([40 * 2 + 40 * 4, 0.5 * 240])
    assert found["water"][:, 0].tolist() == [30.0, 0.0]
    assert found["telecom"][:, 0].tolist() == [100.0, 0.0]
    weights = read_weights(None, vulnerable=2.0)
    by_hand = (720 + 360) / 6 + (240 + 120) / 6 + 30 + 0.5 * 100
    assert weighted(found, weights).tolist() == pytest.approx([by_hand])
    assert weighted(found, weights, "heat").tolist() == pytest.approx([(1080 + 360) / 6])


@pytest.mark.parametrize(("places", "share"), [(10.0, 0.75), (40.0, 0.0), (70.0, 0.0)])
def test_people_at_a_place_to_get_warm_take_their_degree_hours_with_them(places, share):
    """All who can go are in the same rooms here, so that a quarter of them takes a quarter of everything along."""
    found = amounts(two_regions(), np.full((2, 2), places))
    assert found["below_18c"][0].tolist() == pytest.approx([share * 720])
    assert found["below_12c"][0].tolist() == pytest.approx([share * 240])
    assert found["water"][0].tolist() == [30.0]


def test_people_between_12_and_18_degrees_stay_at_home():
    """Of 100 people 40 are at 10 °C and 60 at 15 °C: places for all warm the 40, and 60 × 3 K remain."""
    run = two_regions()
    run["degree_hours_below_18c"] = run["degree_hours_below_18c"] + xr.DataArray([0.6 * 3.0, 0.0], dims="region")
    found = amounts(run, np.full((2, 2), 100.0))
    assert found["below_18c"][0].tolist() == pytest.approx([2 * 180.0])
    assert found["below_12c"][0].tolist() == pytest.approx([0.0])


def test_amounts_grow_in_proportion_to_people():
    run = two_regions()
    more = run.assign({name: 3 * run[name] for name in run if name == "population" or str(name).startswith("people_")})
    for name, hours in amounts(run, NOBODY).items():
        assert amounts(more, NOBODY)[name] == pytest.approx(3 * hours)


def test_a_run_of_an_older_version_counts_what_it_has():
    old = two_regions().drop_vars(["degree_hours_below_12c", "dark_share"])
    assert set(amounts(old, NOBODY)) == {"below_18c", "water", "power"}


def one(**hours):
    """What an option prevents, by member; nobody is vulnerable."""
    return {name: np.array([values, np.zeros(len(values))]) for name, values in hours.items()}


def test_the_best_by_heat_and_the_best_by_water_change_places_with_the_weight_of_water():
    options = [one(below_18c=[600.0], water=[0.0]), one(below_18c=[0.0], water=[80.0])]  # 100 and 80 hours
    values = np.array([weighted(option, read_weights(None)).mean() for option in options])
    assert ranks(values)[0].tolist() == [1, 2]
    best, worst = rank_span(options, read_weights(None))  # water at 2, or cold at a twelfth: 160 > 100, 80 > 50
    assert (best.tolist(), worst.tolist()) == ([1, 1], [2, 2])
    sure = [one(below_18c=[600.0], water=[0.0]), one(below_18c=[0.0], water=[20.0])]
    best, worst = rank_span(sure, read_weights(None))  # at most 40 < 100, and at least 50 > 20
    assert (best.tolist(), worst.tolist()) == ([1, 2], [1, 2])


def test_the_weight_of_vulnerable_people_moves_ranks_between_towns_of_old_and_of_young():
    old = {"below_18c": np.array([[600.0], [300.0]])}  # half are vulnerable
    young = {"below_18c": np.array([[700.0], [70.0]])}
    for weight, rank in ((1.0, [2, 1]), (1.5, [1, 2])):  # 600 and 700; 750 and 735
        values = np.array([weighted(town, read_weights(None, vulnerable=weight)).mean() for town in (old, young)])
        assert ranks(values)[0].tolist() == rank


def test_ranks_by_one_service_count_vulnerable_people_as_all_ranks_do():
    old = {"below_18c": np.array([[600.0], [300.0]])}
    young = {"below_18c": np.array([[700.0], [70.0]])}
    for weight, rank in ((1.0, [2.0, 1.0]), (1.5, [1.0, 2.0])):  # 600 and 700; 750 and 735
        assert mitigation._service_ranks([old, young], read_weights(None, vulnerable=weight))["heat"] == rank


@given(
    hours=st.lists(st.tuples(*[st.floats(0, 1e6)] * 4), min_size=2, max_size=6),
    weights=st.tuples(*[st.floats(0.01, 10)] * 4),
    factor=st.floats(0.01, 100),
)
def test_scaling_all_weights_changes_no_rank(hours, weights, factor):
    keys = ("below_18c", "below_12c", "water", "power")
    options = [one(**{key: [value] for key, value in zip(keys, row, strict=True)}) for row in hours]
    found = []
    for scale in (1.0, factor):
        these = read_weights(dict(zip(keys, (scale * weight for weight in weights), strict=True)))
        values = np.array([weighted(option, these).mean() for option in options])
        gaps = np.abs(values[:, None] - values[None, :])
        if (np.abs(gaps / max(values.max(), 1e-12) - 1e-9) < 1e-10).any():
            return  # at the edge of a tie
        found.append((ranks(values)[0].tolist(), [end.tolist() for end in rank_span(options, these)]))
    assert found[0] == found[1]


def test_ties_share_a_rank_and_members_say_how_sure_the_others_are():
    values = np.array([[5.0, 5.0, 1.0, 9.0], [4.0, 5.0, 2.0, 8.0], [4.0, 5.0, 2.0, 8.0]])
    assert [part.tolist() for part in ranks(values.mean(axis=1))] == [[1, 2, 2], [False, True, True]]
    first, _, second = duels(["a", "b", "c"], values).to_dict("records")
    assert (first["beats"], first["ties"], first["sure"]) == (0.5, 0.25, False)  # better, equal, worse, better
    assert (second["option"], second["other"]) == ("b", "c")
    assert (second["beats"], second["ties"], second["sure"]) == (0.0, 1.0, False)
    apart = duels(["a", "b"], np.array([[5.0, 6.0, 7.0], [1.0, 2.0, 3.5]])).iloc[0]
    assert (apart["beats"], apart["sure"]) == (1.0, True)
    assert duels(["a", "b"], np.array([[5.0], [1.0]]))["beats"].isna().all()  # one member knows nothing of others


def test_wrong_weights_are_one_sentence_each_all_at_once():
    with pytest.raises(gm.InputError) as caught:
        read_weights({"heat": -1.0, "wind": 1.0, "water": float("nan")})
    assert [problem.field for problem in caught.value.problems] == ["weights.heat", "weights", "weights.water"]
    assert "choose from heat, below_18c, below_12c, water, power, telecom" in str(caught.value)
    for nothing in ({}, {"heat": 0.0, "power": 0.0}):
        with pytest.raises(gm.InputError, match="all 0"):
            read_weights(nothing)


def test_weights_of_a_scenario_are_checked_with_everything_else_and_used(tmp_path):
    text = "\n".join(f"{key}: {json.dumps(value)}" for key, value in BASE.items())
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(f"{text}\nhelp_weights: {{wind: 1, water: 2}}\nvulnerable_weight: -1\n", encoding="utf-8")
    found = [str(problem) for problem in gm.check_scenario(str(wrong))]
    assert any("'wind' is not a service" in line for line in found)
    assert any("vulnerable_weight" in line for line in found)
    with pytest.raises(gm.InputError, match="above 0"):
        make_scenario(BASE | {"help_weights": {"water": 0.0}})
    scenario = make_scenario(BASE | {"help_weights": {"heat": 3.0}, "vulnerable_weight": 4.0})
    assert read_weights(None, scenario).shown() == {
        "below_18c": 0.5, "below_12c": 0.5, "water": 0.0, "power": 0.0, "telecom": 0.0, "vulnerable": 4.0,
    }  # fmt: skip
    assert read_weights({"water": 1.0}, scenario).of["below_18c"] == 0.0


def test_weights_and_options_that_are_wrong_are_told_together():
    with pytest.raises(gm.InputError) as caught:
        gm.plan(make_scenario(BASE), [{"kind": "import", "size": -1}], weights={"wind": 1.0}, budget_eur=-1.0)
    assert {problem.field for problem in caught.value.problems} == {"options.0.size", "weights", "budget"}


@pytest.fixture(scope="module")
def struck():
    return make_scenario(BASE | {"events": OUT})


@pytest.mark.gate  # at each edit: values by hand
def test_more_of_a_boiler_never_scores_worse_and_weights_turn_one_number_into_another(struck):
    sizes = (50, 100, 200, 400)
    options = [{"name": f"{size}", "kind": "mobile_boiler", "region": "TR-1", "size": size} for size in sizes]
    ranking = gm.rank_mitigations(struck, options).set_index("option")
    saved = ranking.loc[[f"{size}" for size in sizes], "saved_h"].to_numpy()
    assert (np.diff(saved) > 0).all()
    assert list(ranking["rank"]) == [1, 2, 3, 4]
    assert ranking["heat_rank"].tolist() == [1.0, 2.0, 3.0, 4.0]
    assert ranking["sure"].isna().all()


def test_a_service_that_a_network_lacks_cannot_be_all_that_counts(tmp_path):
    import shutil

    from gridmodel.inputs.files import ROOT

    shutil.copytree(ROOT / "networks" / "three-region", tmp_path / "mine")
    for table in ("heat_systems", "water_systems"):
        (tmp_path / "mine" / f"{table}.csv").unlink()
    bare = make_scenario(BASE | {"network": str(tmp_path / "mine"), "end": "2026-01-05 06:00"})
    lines = [{"name": "lines", "kind": "import", "size": 100.0}]
    with pytest.raises(gm.InputError, match="it has power, telecom"):
        gm.rank_mitigations(bare, lines, weights={"heat": 1.0})
    assert "below_18c_degree_h" not in gm.rank_mitigations(bare, lines)


def test_a_comparison_has_degree_hours_of_people_as_a_sum_over_regions(struck):
    runs = [
        gm.run(struck),
        gm.run(struck.replace(mitigations=[{"kind": "mobile_boiler", "region": "TR-1", "size": 100}])),
    ]
    table = compare(*runs)
    for limit in (18, 12):
        metric = f"person_degree_hours_below_{limit}c"
        by_hand = [float((run[f"degree_hours_below_{limit}c"] * run["population"]).sum()) for run in runs]
        assert table.loc[("ALL", metric), "first"] == pytest.approx(by_hand[0])
        assert table.loc[("ALL", metric), "difference"] == pytest.approx(by_hand[1] - by_hand[0])
        assert table.loc[("ALL", metric), "unit"] == "K h"
    assert "person_degree_hours_below_12c" not in regional(runs[0].drop_vars("degree_hours_below_12c"))


@pytest.mark.gate  # at each edit: every output of a small run, in `test_agreement.py`
def test_json_csv_and_page_of_a_ranking_show_the_same_numbers(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    rows = [{"name": "boiler <b>north</b>", "kind": "mobile_boiler", "region": "TR-1", "size": 200, "cost_eur": 500},
            {"name": "imports", "kind": "import", "region": "", "size": 100, "cost_eur": 400},
            {"name": "tanker", "kind": "fuel_truck", "region": "TR-3", "size": 1, "cost_eur": 1},
            {"name": "tanker two", "kind": "fuel_truck", "region": "TR-3", "size": 2, "cost_eur": 1}]  # fmt: skip
    pd.DataFrame(rows).to_csv("options.csv", index=False)
    plain = BASE | {"events": OUT, "deterministic": False, "members": 3}
    lines = "\n".join(f"{key}: {json.dumps(value)}" for key, value in plain.items())
    (tmp_path / "day.yaml").write_text(lines, encoding="utf-8")

    def cli(*args):
        got = CliRunner().invoke(main, ["plan", "day.yaml", "options.csv", *args], catch_exceptions=False)
        assert got.exit_code == 0, got.output
        return got.stdout

    data = json.loads(cli("--json", "--html", "ranking.html"))
    table = pd.read_csv(pd.io.common.StringIO(cli("--csv")))
    page = (tmp_path / "ranking.html").read_text(encoding="utf-8")
    shown = cli()
    assert not [line for line in shown.splitlines() if len(line) > 80 or "…" in line]
    assert "Equal in every member: tanker and tanker two." in shown
    assert "boiler &lt;b&gt;north" in page
    assert data["weights"]["vulnerable"] == 2.0
    assert len(data["duels"]) == 6
    from gridmodel.output.report.side_by_side import short

    for row, line in zip(data["ranking"], table.to_dict("records"), strict=True):
        assert row["option"] == line["option"]
        for name in ("saved_h", "below_18c_degree_h", "below_12c_degree_h", "water_h", "power_h", "telecom_h", "rank"):
            assert row[name] == pytest.approx(line[name], rel=1e-5)
        for name in ("saved_h", "below_18c_degree_h", "power_h"):
            assert short(row[name]) in page
    assert [row["rank"] for row in data["ranking"]] == [1, 2, 3, 3]
    assert data["ranking"][2]["ties_next"] == 1.0
    assert data["ranking"][2]["heat_rank"] is None
