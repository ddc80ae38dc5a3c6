"""AC power flow of what was dispatched: what it must say of states that are known by hand."""

import json

import numpy as np
import pytest
from click.testing import CliRunner

import gridmodel as gm
from gridmodel.commands import main
from gridmodel.results.run_folder import read_result, write_run
from gridmodel.studies.ac_check import overview

OUT = {"time": "2026-01-05 03:00", "target": "line:TR-1-330--TR-3-330", "kind": "outage", "share": 1.0}


def checked(scenario, hours, **options):
    """The check of a run on a network of one's own, whose scenario a result alone may not name."""
    return gm.check_ac(gm.run(scenario), hours, scenario=scenario, **options)


def test_losses_and_flows_of_three_regions_are_those_of_their_lines(three, folder):
    scenario = three(network=str(folder))
    result = gm.run(scenario)
    table = gm.check_ac(result, [0], by="branch", scenario=scenario).set_index("branch")
    # 150 MW short in TR-1, 50 spare in TR-2, 100 in TR-3 over a ring of equal lines
    assert table["dc_flow_mw"].abs().to_numpy() == pytest.approx([200 / 3, 50 / 3, 250 / 3, 200])
    # P² R / V² with 3.7 ohm at 330 kV, 1.85 ohm to the border; charging current adds a little
    resistance = np.array([3.7, 3.7, 3.7, 1.85])
    by_hand = table["dc_flow_mw"].to_numpy() ** 2 * resistance / 330**2
    assert table["losses_mw"].to_numpy() == pytest.approx(by_hand, abs=0.03)
    assert table["ac_flow_mw"].to_numpy() == pytest.approx(table["dc_flow_mw"].to_numpy(), abs=1.5)
    full_mw = np.sqrt(3) * 330 * 1.65
    assert table["loading_percent"].to_numpy() == pytest.approx(table["dc_flow_mw"].abs() * 100 / full_mw, abs=1.5)
    every = gm.check_ac(result, "all", scenario=scenario)
    assert len(every) == 24 * 3
    assert overview(every)["hours"] == 24
    by_region = every.iloc[:3].set_index("region")
    assert by_region["losses_mw"].sum() == pytest.approx(table["losses_mw"].sum())
    error = (table["ac_flow_mw"] - table["dc_flow_mw"]).abs()
    assert by_region.loc["TR-3", "dc_error_mw"] == pytest.approx(error.iloc[[1, 2, 3]].max())
    assert by_region.loc["TR-2", "dc_error_mw"] == pytest.approx(error.iloc[[0, 1]].max())
    assert (by_region["min_voltage_pu"] > 0.97).all()
    assert by_region["converged"].all()


def test_what_does_not_converge_is_said_and_has_no_numbers(three, folder, replace_cell):
    for line in (2, 3, 4):  # at most 330² / 1,938 = 56 MW can pass a line: 150 cannot reach TR-1
        replace_cell("lines", line, "x_ohm_per_km", "19.38")
    table = checked(three(network=str(folder)), [0])
    assert table["live"].all()
    assert not table["converged"].any()
    assert table[["min_voltage_pu", "max_loading_percent", "losses_mw", "dc_error_mw"]].isna().all().all()
    assert overview(table)["hours_not_converged"] == 1
    assert overview(table)["max_losses_mw"] is None


def test_voltages_and_loadings_out_of_bounds_are_counted(three, folder, replace_cell):
    # 200 MW fill the line to the border in DC; 1,700 Mvar of charging lift its far end by an eighth, and load it
    for column, value in (("c_nf_per_km", "1000"), ("max_loading_percent", "100"), ("max_i_ka", "0.35")):
        replace_cell("lines", 5, column, value)
    table = checked(three(network=str(folder)), [0])
    row = table.set_index("region").loc["TR-3"]
    assert (row["branches_overloaded"], row["buses_outside"]) == (1, 0)  # the border bus is in no region
    assert row["max_loading_percent"] > 200
    assert overview(table)["hours_with_overloads"] == 1


def test_a_voltage_out_of_bounds_is_counted(three, folder, replace_cell):
    replace_cell("generators", 3, "technology", "gas_engine")  # which holds no voltage
    for line in (2, 3):
        replace_cell("lines", line, "c_nf_per_km", "400")
    table = checked(three(network=str(folder)), [0])
    row = table.set_index("region").loc["TR-2"]
    assert row["buses_outside"] == 1
    assert row["max_voltage_pu"] > 1.1
    assert overview(table)["hours_with_voltages_outside"] == 1


def test_damage_and_trips_are_in_the_state_that_is_checked(three, folder, replace_cell):
    replace_cell("lines", 2, "max_i_ka", str(100 / (np.sqrt(3) * 330 * 0.75)))
    scenario = three(network=str(folder), events=[OUT], cascade="overload")
    result = gm.run(scenario)
    table = (
        gm.check_ac(result, [2, 3, 4], by="branch", scenario=scenario)
        .set_index(["time", "branch"])["in_service"]
        .unstack()
    )
    ring = table[["TR-1-330--TR-2-330", "TR-1-330--TR-3-330", "TR-2-330--TR-3-330"]].to_numpy().tolist()
    assert ring == [[True, True, True], [False, False, True], [True, False, True]]
    by_region = gm.check_ac(result, [3], scenario=scenario).set_index("region")
    assert by_region["converged"].all()  # two islands, a slack in each
    assert by_region.loc["TR-1", "losses_mw"] == 0


def test_a_dead_region_is_not_live_and_no_failure(three, folder):
    events = [OUT | {"target": target} for target in (
        "line:TR-1-330--TR-3-330", "line:TR-1-330--TR-2-330", "gen:TR-1/nuclear")]  # fmt: skip
    table = checked(three(network=str(folder), events=events), [4]).set_index("region")
    assert table["live"].tolist() == [False, True, True]
    assert overview(table.reset_index().assign(time=0))["hours_not_converged"] == 0


@pytest.mark.gate  # at each edit: a single step that is named
def test_the_worst_hour_is_the_one_that_sheds_most_and_a_file_will_do(three, tmp_path):
    event = {"time": "2026-01-05 07:00", "target": "TR-1/nuclear", "kind": "outage", "share": 0.2, "duration_h": 1}
    scenario = three(events=[event])
    result = gm.run(scenario)
    write_run(result, scenario, tmp_path / "out", command=["gridmodel"], seconds={})
    with read_result(tmp_path / "out") as again:
        table = gm.check_ac(again)
    assert (table["time"] == np.datetime64("2026-01-05 07:00")).all()
    assert table.equals(gm.check_ac(result, ["2026-01-05 07:00"]))


def test_members_hours_and_results_that_do_not_fit_are_refused_together(three):
    result = gm.run(three())
    with pytest.raises(gm.InputError) as caught:
        gm.check_ac(result, [99, "2026-01-05 07:10", "noon"], member=3)
    assert [problem.field for problem in caught.value.problems] == ["member", "hours", "hours", "hours"]
    with pytest.raises(gm.InputError, match="of your own"):
        gm.check_ac(result, by="branch")
    with pytest.raises(gm.InputError, match="comes from another program or an older version"):
        gm.check_ac(result.assign_attrs(scenario="").drop_attrs())
    with pytest.raises(gm.InputError, match="cannot be reproduced from its scenario"):
        gm.check_ac(result, scenario=three(import_limit_mw=0))


@pytest.mark.gate  # at each edit: three regions, above
def test_the_national_grid_confirms_the_dc_answer(january):
    table = gm.check_ac(january, member=3)
    assert table["converged"].all()
    assert not table["buses_outside"].any()
    assert not table["branches_overloaded"].any()
    served = january["served_mw"].sel(member=3, time=table["time"].iloc[0]).sum().item()
    assert 0.005 < table["losses_mw"].sum() / served < 0.03


@pytest.mark.gate  # at each edit: losses and flows of three regions
def test_the_command_shows_the_check_and_keeps_it_in_the_run_folder(tmp_path):
    out = str(tmp_path / "out")
    said = CliRunner().invoke(main, ["run", "three-region", "-o", out, "--ac-check", "worst"])
    assert said.exit_code == 0, said.output
    assert "hours that did not converge" in said.output
    assert (tmp_path / "out" / "ac_check.csv").read_text().count("\n") == 4
    told = CliRunner().invoke(main, ["run", "three-region", "-o", out, "--json", "--overwrite"])
    assert "ac_check" not in json.loads(told.stdout)
    assert not (tmp_path / "out" / "ac_check.csv").exists()


def test_loading_is_of_the_rating_that_is_left(three, folder):
    half = {"time": "2026-01-05 03:00", "target": "line:TR-1-330--TR-3-330", "kind": "limit", "share": 0.5}
    table = checked(three(network=str(folder), events=[half]), [2, 3], by="branch")
    before, after = (table["loading_percent"].to_numpy()[places] for places in (slice(0, 4), slice(4, 8)))
    assert after[2] == pytest.approx(2 * before[2])
    assert after[[0, 1, 3]] == pytest.approx(before[[0, 1, 3]])


@pytest.mark.gate  # at each edit: damage and trips in the state that is checked
def test_the_reactors_of_a_line_are_out_with_it(three, folder, replace_cell):
    replace_cell("generators", 3, "technology", "gas_engine")  # so that TR-2 has no voltage of its own
    scenario = three(network=str(folder), events=[OUT | {"target": "line:TR-2-330--TR-3-330"}])
    without = checked(scenario, [2, 3])
    replace_cell("lines", 3, "reactor_percent", "80")
    compensated = checked(scenario, [2, 3])
    volts = [table.set_index("region").loc["TR-2", "max_voltage_pu"].to_numpy() for table in (without, compensated)]
    assert volts[1][0] < volts[0][0] - 1e-3
    assert volts[1][1] == pytest.approx(volts[0][1])


def test_what_storage_takes_is_drawn_from_the_grid(three, folder, replace_cell):
    import dataclasses

    from gridmodel.services.power.feedback import Heaters
    from gridmodel.services.power.step import first_state, step_power
    from gridmodel.simulation.inputs import run_inputs
    from gridmodel.studies.ac_check import AcNet, _solved

    replace_cell("generators", 4, "energy_mwh_per_day", "4800")
    made = run_inputs(three(network=str(folder)))
    part, none = made.parts["power"], np.zeros((1, 3))
    power = step_power(part, first_state(part), 0, Heaters(wanted_mw=none, home_share=none))
    taking = dataclasses.replace(power, charging_mw=np.array([[50.0]]))
    plain, drawn = (_solved(made, AcNet(made.network), step).flow_mw for step in (power, taking))
    # lines end in TR-3, but for the one that leaves it for the border; the slack in TR-1 gives what is drawn
    assert (drawn - plain)[[1, 2]].sum() == pytest.approx(50, abs=0.5)
    assert (drawn - plain)[3] == pytest.approx(0, abs=0.1)


def test_a_single_step_may_be_named_without_a_list_and_one_that_is_not_there_is_refused(three):
    result = gm.run(three(end="2026-01-05 03:00"))
    assert len(gm.check_ac(result, 1)) == len(gm.check_ac(result, [1])) == 3
    with pytest.raises(gm.InputError, match="'3' is not a step"):
        gm.check_ac(result, 3)
