"""What the registry promises: declarations without steps, and services that show what they declare."""

import subprocess
import sys

import numpy as np
import pytest

import gridmodel as gm
from gridmodel.services import water
from gridmodel.services.registry import COUNTS, LABELS, SERVICES, SIGNALS, VARIABLES, module_of
from gridmodel.simulation.inputs import run_inputs
from gridmodel.simulation.loop import advance, empty_record


@pytest.mark.gate  # at each edit: the contract of imports
def test_reading_a_result_imports_no_solver_and_no_dispatch():
    code = (
        "import sys, gridmodel as gm; from gridmodel.results.run_folder import read_result; gm.summarise; gm.deadlines; "
        "print([name for name in sys.modules if name.startswith(('highspy', 'numba', 'pandapower', 'gridmodel.dispatch'))])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_variable_and_signal_belongs_to_one_service():
    names = [name for service in SERVICES for name in (*service.variables, *service.signals)]
    assert len(names) == len(set(names)) == len(VARIABLES) + len(SIGNALS)
    assert {count.variable for count in COUNTS} <= set(VARIABLES)


def test_every_service_reads_only_what_another_declares():
    known = set(VARIABLES) | set(SIGNALS)
    for service in SERVICES:
        assert set(service.reads) <= known - set(service.variables) - set(service.signals), service.name


def test_services_show_in_each_step_what_they_declare_in_shape(three):
    inputs = run_inputs(three(end="2026-01-05 02:00", deterministic=False, members=2))
    seen = {}
    advance(inputs, empty_record(inputs), 1, watch=lambda _step, name, shown: seen.update({name: shown}))
    sizes = {"member": 2, "region": 3, "cohort": 1, **{dim: len(labels) for dim, labels in LABELS.items()}}
    for service in inputs.services:
        started = module_of(service).start(inputs.parts[service.name])
        declared = {**service.variables, **service.signals}
        always = {name for name, variable in declared.items() if "time" not in variable.dims} | started.absent
        assert set(declared) - always - set(started.shown) <= set(seen[service.name]), service.name
        for name, values in seen[service.name].items():
            if name in declared and isinstance(values, np.ndarray):
                dims = [dim for dim in declared[name].dims if dim != "time"]
                assert np.broadcast_shapes(values.shape, tuple(sizes[dim] for dim in dims)) == values.shape, name


def test_a_service_of_which_the_network_has_nothing_leaves_its_variables_out(three, folder):
    (folder / "water_systems.csv").unlink()
    result = gm.run(three(network=str(folder), end="2026-01-05 02:00"))
    (water,) = (service for service in SERVICES if service.name == "water")
    assert not set(water.variables) & set(result.data_vars)
    assert "people_without_all" not in result
    assert "people_without_heat" in result


@pytest.mark.parametrize("name", ["heater_mw", "timetable_off_share"])
def test_a_variable_that_a_run_lacks_is_not_in_its_result(name, three, folder):
    (folder / "heat_systems.csv").unlink()
    assert name not in gm.run(three(network=str(folder), end="2026-01-05 02:00"))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            lambda shown: shown | {"water_storde_m3": shown["water_stored_m3"]},
            "shows water_storde_m3 without declaring it",
        ),
        (
            lambda shown: {name: values for name, values in shown.items() if name != "mains_share"},
            "does not show mains_share",
        ),
    ],
)
def test_a_service_that_shows_other_names_than_it_declares_stops_the_run(change, said, three, monkeypatch):
    honest = water.step

    def step(*given):
        state, shown = honest(*given)
        return state, change(shown)

    monkeypatch.setattr(water, "step", step)
    with pytest.raises(LookupError, match=f"service water {said}"):
        gm.run(three(end="2026-01-05 01:00"))
