"""What the page and the notebook on Python show works, and models of one's own act as they say."""

import contextlib
import json
import logging
import re
import runpy
import sys
from types import SimpleNamespace

import numpy as np
import pytest

import gridmodel as gm
from gridmodel.inputs.files import ROOT
from gridmodel.services.declare import MTR, Declaration, Variable
from gridmodel.services.heat.building import held, response, steady_mass
from gridmodel.services.setup import Started
from gridmodel.studies.progress import shown_progress

pytestmark = pytest.mark.skipif(not (ROOT / "docs").is_dir(), reason="pages stay in the checkout")
BASE = {
    "name": "own", "network": "three-region", "weather": "three-region", "timezone": "UTC", "members": 3,
    "start": "2026-01-05 00:00", "end": "2026-01-05 08:00",
    "events": [{"time": "2026-01-05 01:00", "target": "TR-2/heat_source", "kind": "strike", "hits_before_interception": 6,
                "interception": 0.0},
               {"time": "2026-01-05 01:00", "target": "TR-1/delivery", "kind": "limit", "share": 0.1}],
}  # fmt: skip


@pytest.fixture(scope="module")
def plain():
    return gm.run(gm.Scenario(**BASE))


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """Names after all blocks of the page."""
    text = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")
    names = {}
    with contextlib.chdir(tmp_path_factory.mktemp("page")):
        exec("\n".join(re.findall(r"```python\n(.*?)```", text, re.DOTALL)), names)  # noqa: S102
        yield names


@pytest.mark.gate  # at each edit: its names, in `test_start_pages.py`, and models of one's own below
def test_every_block_of_the_page_runs(page):
    assert page["opened"].attrs["date_created"] == page["result"].attrs["date_created"]
    assert np.array_equal(
        page["opened"]["my_share"], page["opened"]["shed_mw"].sum("tier") / page["opened"]["demand_mw"].sum("tier")
    )
    assert page["mine"].attrs["own_models"] == "buildings: half_the_mass; damage: never_complete; service: schools"
    assert page["again"].model_dump_json() == page["scenario"].model_dump_json()
    assert float(page["mine"]["pupils_at_home"].max()) > 0
    assert page["mine"]["pupils_at_home"].attrs["units"] == "1"


@pytest.mark.gate  # at each edit: objects in memory, in `test_in_memory.py`
def test_the_notebook_runs_from_objects_to_a_report(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = runpy.run_path(str(ROOT / "docs" / "notebooks" / "own-inputs.py"))
    made = tmp_path / "own-inputs"
    assert (made / "report.html").stat().st_size > 100_000
    assert "longest_deep_cut" in names["opened"]
    assert json.loads((made / "run" / "manifest.json").read_text())["created"] == names["result"].attrs["date_created"]
    assert set(json.loads(names["result"].attrs["inputs"])) >= {f"inputs/weather/{names['scenario'].weather}"}
    home = names["result"].sel(tier="household")
    deep = (home["shed_mw"] > 0.1 * home["demand_mw"]).transpose("member", "region", "time").to_numpy()
    by_hand = [
        [max((len(part) for part in "".join("x" if on else " " for on in row).split()), default=0) for row in rows]
        for rows in deep
    ]
    assert names["longest"].transpose("member", "region").to_numpy().tolist() == by_hand
    assert np.max(by_hand) > 0


def test_the_usual_models_given_as_own_change_nothing(plain):
    same = gm.run(gm.Scenario(**BASE), models=gm.Models())
    assert "own_models" not in same.attrs
    assert same["people_below_18c"].equals(plain["people_below_18c"])


def test_a_building_held_for_long_is_the_same_from_its_response_as_from_its_steps():
    from gridmodel.services.heat.building import Building

    one = Building.of_archetype if hasattr(Building, "of_archetype") else None
    building = Building(**dict.fromkeys(Building.__dataclass_fields__, 1.0)) if one is None else one()
    expected = steady_mass(building, outdoor_c=-10.0, set_point_c=20.0, internal_w=3.0)
    assert held(response(building), outdoor_c=-10.0, set_point_c=20.0, internal_w=3.0) == pytest.approx(
        float(expected), rel=1e-6
    )


def test_lighter_buildings_cool_faster(plain):
    from dataclasses import replace

    def light(building, **how):
        return response(replace(building, capacity_j_per_k=0.25 * np.asarray(building.capacity_j_per_k)), **how)

    own = gm.run(gm.Scenario(**BASE), models=gm.Models(buildings=light))
    assert float(own["degree_hours_below_18c"].sum()) > 1.05 * float(plain["degree_hours_below_18c"].sum())
    assert own["demand_mw"].isel(time=0).equals(plain["demand_mw"].isel(time=0))


def test_hits_that_do_nothing_leave_all_heat(plain):
    from dataclasses import replace

    from gridmodel.events.damage import damage_of

    def harmless(unit, settings, **how):
        return replace(damage_of(unit, settings, **how), remaining=np.ones(unit.shape))

    own = gm.run(gm.Scenario(**BASE), models=gm.Models(damage=harmless))
    calm = gm.run(gm.Scenario(**BASE | {"events": BASE["events"][1:]}))
    assert float(plain["heat_supplied_mw_th"].sel(region="TR-2").sum()) < float(
        calm["heat_supplied_mw_th"].sel(region="TR-2").sum()
    )
    assert own["heat_supplied_mw_th"].equals(calm["heat_supplied_mw_th"])
    with pytest.raises(gm.InputError, match=r"models.damage: needs members"):
        gm.run(gm.Scenario(**BASE | {"deterministic": True, "members": 1}), models=gm.Models(damage=harmless))


def service(name="mine", variable="mine_count", **more):
    return SimpleNamespace(
        DECLARATION=Declaration(name=name, module="", variables={variable: Variable(MTR, "1", "Mine")}, reads=("home_power_share",)),
        build=lambda setup: setup.population, start=lambda _people: Started(state=None),
        step=lambda people, state, seen, _step: (state, {variable: people * (1 - seen["home_power_share"])}), **more,
    )  # fmt: skip


def test_a_service_of_ones_own_sees_the_step_of_all_others_and_moves_none_of_them(plain, tmp_path):
    own = gm.run(gm.Scenario(**BASE), models=gm.Models(services=[service()]))
    assert np.allclose(own["mine_count"], own["people_without_power"].transpose("member", "time", "region"), rtol=1e-9)
    assert float(own["mine_count"].max()) > 0
    for name in plain.data_vars:
        assert own[name].dtype == object or np.array_equal(
            own[name].to_numpy(), plain[name].to_numpy(), equal_nan=own[name].dtype.kind in "fM"
        ), name
    gm.save_run(own, tmp_path / "run")
    assert "mine_count" in gm.open_run(tmp_path / "run")
    from gridmodel.results.run_folder import read_manifest

    with pytest.warns(UserWarning, match="service: mine"):
        read_manifest(tmp_path / "run")


def test_a_service_that_cannot_be_one_is_told():
    for given, said in (
        (service(name="heat"), "heat' is the name of another service"),
        (service(variable="shed_mw"), "shed_mw' is the name of another service or variable"),
        (object(), "lacks DECLARATION, build, start, step"),
    ):
        with pytest.raises(gm.InputError, match=said):
            gm.run(gm.Scenario(**BASE), models=gm.Models(services=[given]))


def stepping(step):
    return {"services": [SimpleNamespace(**{**vars(service()), "step": step})]}


@pytest.mark.parametrize(
    ("models", "said"),
    [
        (lambda: stepping(lambda *_: None), "service mine: step: must return the state and a dict of what it shows"),
        (lambda: stepping(lambda *_: (None, {})), "service mine: step: must show mine_count, as it declares"),
        (lambda: stepping(lambda people, *_: (None, {"mine_count": people, "other": people})), "does not declare other"),
        (lambda: stepping(lambda *_: (None, {"mine_count": np.zeros(7)})),
         r"mine_count: has the shape \(7,\) in a step, but must have \(3, 3\): \(member, region\)"),
        (lambda: stepping(lambda people, *_: (None, {"mine_count": people * np.nan})), "mine_count: must be finite numbers"),
        (lambda: {"services": service()}, "models.services: must be a list of services"),
        (lambda: {"buildings": 3}, "models.buildings: 'int' must be a function"),
        (lambda: {"buildings": lambda _building, **_how: None}, "must return a Response, which has air_mass.*returned NoneType"),
        (lambda: {"damage": lambda *_given, **_how: None}, "must return Hits, which has unit.*returned NoneType"),
        (lambda: {"buildings": without_mass}, "returned a Response whose air_mass is not a finite number everywhere"),
    ],
    ids=["nothing", "less", "more", "shape", "NaN", "one", "number", "no Response", "no Hits", "not finite"],
)  # fmt: skip
def test_what_a_model_of_ones_own_returns_is_looked_at(models, said):
    with pytest.raises(gm.InputError, match=said):
        gm.run(gm.Scenario(**BASE), models=gm.Models(**models()))
    with pytest.raises(gm.InputError, match=r"models: 'dict' must be gm.Models"):
        gm.run(gm.Scenario(**BASE), models=models())


def without_mass(building, **how):
    from dataclasses import replace

    from gridmodel.services.heat.building import response

    return replace(response(building, **how), air_mass=np.nan)


@pytest.mark.gate  # at each edit: the file reads back, in `test_run_folder.py`
def test_a_run_that_is_saved_opens_again_and_another_is_not_overwritten(plain, tmp_path):
    gm.save_run(plain, tmp_path / "run")
    again = gm.open_run(tmp_path / "run")
    assert again["shed_mw"].equals(plain["shed_mw"])
    assert again.attrs["date_created"] == plain.attrs["date_created"]
    assert (
        again.attrs["history"]
        == "gridmodel " + gm.__version__ + ": 3 members of three-region in three-region, seed 2026"
    )
    assert json.loads(plain.attrs["versions"])["gridmodel"] == gm.__version__
    with pytest.raises(gm.InputError, match="contains another run"):
        gm.save_run(plain, tmp_path / "run")
    gm.save_run(again, tmp_path / "second")  # of bundled inputs alone: the attributes say the scenario
    files = [(tmp_path / name / "result.nc").read_bytes() for name in ("run", "second")]
    assert files[0] == files[1]
    with pytest.raises(gm.InputError, match=r"says no scenario.*scenario=…"):
        gm.save_run(plain.drop_attrs().drop_encoding(), tmp_path / "third")


@pytest.mark.gate  # at each edit: objects in memory, in `test_in_memory.py`
def test_a_result_of_objects_that_lost_its_scenario_asks_for_it(plain, tmp_path):
    made = gm.Scenario(**BASE | {"weather": gm.load_weather("three-region")})
    result = gm.run(made).drop_encoding()
    with pytest.raises(gm.InputError, match=r"does not say where .* is; .*scenario=…"):
        gm.save_run(result, tmp_path / "run")
    gm.save_run(result, tmp_path / "run", scenario=made)
    assert gm.open_run(tmp_path / "run")["shed_mw"].equals(plain["shed_mw"])


def test_a_bar_is_shown_where_it_is_asked_for_and_in_notebooks(capsys, monkeypatch):
    made = gm.Scenario(**BASE | {"name": "evil \x1b[2J"})
    for given, shown in ((None, False), (False, False), (True, True)):
        with shown_progress(given, made) as step:
            if step is not None:
                step(4, 8)
                step(8, 8)
        said = capsys.readouterr().err
        assert ("100 % of 8 steps" in said) == shown
        assert "\x1b" not in said
    shell = type("ZMQInteractiveShell", (), {})()
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
    with shown_progress(None, made) as step:
        assert step is not None


def test_a_run_is_logged(caplog):
    with caplog.at_level(logging.INFO, logger="gridmodel"):
        gm.run(gm.Scenario(**BASE | {"events": [], "end": "2026-01-05 02:00", "members": 1}))
    assert [record.getMessage().split(":")[0] for record in caplog.records] == ["run of own", "run of own"]


def test_a_scenario_is_short_shows_distributions_and_completes_by_group():
    made = gm.Scenario(**BASE | {"set_point_c": {"uniform": [19, 21]}})
    said = repr(made)
    assert len(said.splitlines()) < 14
    assert "set_point_c={'uniform': [19.0, 21.0]}" in said
    assert "building_inertia" not in said
    assert {"heat", "water", "repair", "sampling", "measures"} <= set(dir(made.groups))
    assert made.groups.heat.set_point_c == made.set_point_c == 20.0
    assert set(dir(made.groups.heat)) <= set(type(made).model_fields)
    assert {name for group in dir(made.groups) for name in dir(getattr(made.groups, group))} == set(
        type(made).model_fields
    ) - {"folder"}
    assert "model_dump" not in dir(made)
    with pytest.raises(AttributeError, match="nearest: set_point_c"):
        made.groups.heat.set_point  # noqa: B018 - completed by hand
    assert "°C" in made.about("set_point_c")
    assert "default: 20.0" in made.about("set_point_c")
    with pytest.raises(gm.InputError, match="nearest: set_point_c"):
        made.about("setpoint_c")
    for name in dir(made.groups):
        group = getattr(made.groups, name)
        assert all(f"\n{setting} " in group.__doc__ for setting in dir(group))


def test_one_error_for_users_wherever_a_setting_is_wrong():
    from gridmodel.scenario import Mitigation
    from gridmodel.scenario.groups.sampling import StopAt

    made = gm.Scenario(**BASE)
    calls = (
        gm.Scenario, lambda: gm.Scenario(**BASE | {"members": -1}), lambda: made.replace(members="x"),
        lambda: gm.Scenario.model_validate({"name": 1}), lambda: gm.Scenario.model_validate_json("[]"),
        lambda: Mitigation(kind="boat", size=1.0), lambda: Mitigation(size=1.0), lambda: StopAt(share=3.0),
        lambda: setattr(made, "members", 4), lambda: setattr(StopAt(), "share", 0.1),
    )  # fmt: skip
    for call in calls:
        with pytest.raises(gm.InputError):
            call()
    with pytest.raises(gm.InputError, match=r"members: cannot be set.*replace\(members=…\)"):
        made.members = 4
