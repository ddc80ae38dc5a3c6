"""Stores of generators that cannot work are refused; those that hardly work are told, by the check and by a run."""

import pytest

import gridmodel as gm
from gridmodel.simulation.inputs import run_inputs
from gridmodel.simulation.unmeant import unmeant


def with_plant(folder, technology, *, energy="", stored="", efficiency="", kind=""):
    table = folder / "generators.csv"
    head, *rows = table.read_text().splitlines()
    cells = (
        f"TR-1/x,TR-1,TR-1-330,{technology},1,100,100,{energy},{stored},{efficiency},0,0.1,false,false,130,,OURS,low"
    )
    more = [f"{head},storage_kind", *(f"{row}," for row in rows), f"{cells},{kind}"]
    table.write_text("\n".join(more) + "\n")


@pytest.mark.parametrize(
    ("technology", "cells", "field", "said"),
    [
        ("battery", {"stored": "100", "efficiency": "0"}, "efficiency", "at least 0.1"),
        ("battery", {"stored": "100", "efficiency": "1e-9"}, "efficiency", "at least 0.1"),
        ("nuclear", {"stored": "100"}, "storage_mwh", "nuclear holds no store"),
        ("solar", {"kind": "reserve"}, "storage_kind", "solar holds no store"),
    ],
)
def test_a_store_that_cannot_work_is_an_error_at_its_line(folder, technology, cells, field, said):
    with_plant(folder, technology, **cells)
    (problem,) = [one for one in gm.check_network(str(folder)) if one.severity == "error"]
    assert (problem.row, problem.field) == (5, field)
    assert said in problem.message


def test_an_efficiency_of_a_listed_technology_has_the_same_least_value(folder):
    head = "id,inertia_s,gas_fired,charges,efficiency,source,confidence"
    (folder / "technologies.csv").write_text(f"{head}\nflow,0,false,true,0.01,OURS,low\n")
    (problem,) = gm.check_network(str(folder))
    assert (problem.row, problem.field, problem.message) == (2, "efficiency", "must be at least 0.1")
    (folder / "technologies.csv").write_text(f"{head}\ngeothermal_well,1,false,false,0,OURS,low\n")
    assert not gm.check_network(str(folder))  # it takes nothing from the grid


@pytest.mark.parametrize(
    ("technology", "cells", "field", "said"),
    [
        ("battery", {"stored": "1000000"}, "storage_mwh", "is implausible: 10,000 h"),
        ("pumped_storage", {"stored": "0"}, "storage_mwh", "is implausible: 0 h"),
        ("hydro", {"energy": "100", "stored": "200"}, "storage_mwh", "beside energy_mwh_per_day of 100 MWh"),
        ("battery", {"energy": "200", "stored": "100"}, "energy_mwh_per_day", "beside storage_mwh of 100 MWh"),
        ("hydro", {"energy": "200", "kind": "reserve"}, "storage_kind", "has no effect: storage_mwh is empty"),
    ],
)
def test_a_store_that_hardly_works_is_told_by_the_check_of_the_network_and_by_a_run(
    three, folder, technology, cells, field, said
):
    with_plant(folder, technology, **cells)
    (problem,) = gm.check_network(str(folder))
    assert (problem.severity, problem.row, problem.field) == ("warning", 5, field)
    assert said in problem.message
    (warned,) = unmeant(run_inputs(three(network=str(folder))))
    assert (warned.field, warned.message) == (f"TR-1/x: {field}", problem.message)


@pytest.mark.parametrize(
    ("technology", "cells"),
    [
        ("battery", {"energy": "200", "stored": "200", "efficiency": "0.1"}),
        ("hydro", {"energy": "100"}),
        ("pumped_storage", {"stored": "876000", "kind": "reserve"}),
    ],
)
def test_stores_that_work_are_left_alone(three, folder, technology, cells):
    with_plant(folder, technology, **cells)
    assert gm.check_network(str(folder)) == []
    assert unmeant(run_inputs(three(network=str(folder)))) == []
