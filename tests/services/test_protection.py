"""Networks of 50 and of 60 Hz: the same physics, each with its own thresholds."""

import numpy as np
import pytest

import gridmodel as gm
from gridmodel.dispatch.frequency import NOMINAL_HZ
from gridmodel.network import read_network
from gridmodel.sampling import Settings
from gridmodel.services.power.protection import USUAL_HZ, threshold_hz
from gridmodel.services.power.shock import response_of
from gridmodel.simulation.inputs import run_inputs

ROWS = np.array([0])
OTHERS = {
    "relay_stages": 3.0,
    "reserve_lag_s": 5.0,
    "reserve_full_hz": 0.24,
    "load_relief_per_hz": 0.01,
    "relay_delay_s": 0.2,
}


def settings(**more):
    return Settings({name: np.asarray(value) for name, value in (OTHERS | more).items()})


@pytest.fixture
def sixty(folder):
    """The network of three regions, at 60 Hz."""
    path = folder / "network.toml"
    path.write_text(path.read_text() + "frequency_hz = 60\n")
    return str(folder)


def test_thresholds_of_a_network_of_60_hz_are_those_of_its_code_on_the_scale_of_50():
    assert threshold_hz(settings(), "relay_first_hz", ROWS, 60.0) == pytest.approx(59.3 * 50 / 60)
    assert threshold_hz(settings(), "relay_first_hz", ROWS, 50.0) == pytest.approx(49.0)
    assert threshold_hz(settings(relay_first_hz=59.5), "relay_first_hz", ROWS, 60.0) == pytest.approx(59.5 * 50 / 60)
    got = response_of(settings(), ROWS, 60.0)
    assert got.relay_hz * 60 / 50 == pytest.approx(np.array([[59.3, 58.9, 58.5]]).reshape(got.relay_hz.shape))
    # a fall of 0.24 Hz of 60 is one of 0.2 Hz of 50, and what a hertz relieves of 50 is 1.2 of 60
    assert got.reserve_full_hz == pytest.approx(0.2)
    assert got.load_relief_per_hz == pytest.approx(0.012)
    assert set(USUAL_HZ) == {50.0, 60.0}


def test_the_nominal_frequency_is_read_from_the_network(sixty, folder):
    assert read_network(sixty).frequency_hz == 60.0
    assert read_network("three-region").frequency_hz == NOMINAL_HZ
    path = folder / "network.toml"
    path.write_text(path.read_text().replace("frequency_hz = 60", "frequency_hz = 55"))
    with pytest.raises(gm.InputError, match="must be 50 or 60"):
        read_network(sixty)


def test_frequencies_of_a_result_are_those_of_the_network(three, sixty):
    event = {"time": "2026-01-05 03:00", "target": "TR-1/nuclear", "kind": "outage", "share": 0.5}
    scenario = three(events=[event], cascade="full", end="2026-01-05 05:00", network=sixty)
    got = gm.run(scenario)["frequency_nadir_hz"].isel(member=0).to_numpy()
    assert got[0] == pytest.approx(60.0)
    assert got.min() > 57.0
    # the same thresholds, in parts of the nominal frequency, set off the same
    same = {name: value * 60 / 50 for name, value in USUAL_HZ[50.0].items()}
    scaled = gm.run(scenario.replace(**same, reserve_full_hz=0.24, load_relief_per_hz=0.01 * 50 / 60))
    usual = gm.run(scenario.replace(network="three-region"))
    assert scaled["served_mw"].to_numpy() == pytest.approx(usual["served_mw"].to_numpy())
    assert scaled["frequency_nadir_hz"].to_numpy() == pytest.approx(usual["frequency_nadir_hz"].to_numpy() * 60 / 50)


def test_thresholds_that_do_not_fit_the_nominal_frequency_are_told_together(three, sixty):
    with pytest.raises(gm.InputError) as caught:
        run_inputs(three(relay_first_hz=59.3, unit_trip_hz=57.5))
    assert [problem.field for problem in caught.value.problems] == ["relay_first_hz", "unit_trip_hz"]
    assert caught.value.problems[0].message == "does not fit a network of 50 Hz"
    run_inputs(three(relay_first_hz=59.3, unit_trip_hz=57.5, network=sixty, end="2026-01-05 01:00"))


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"unit_trip_hz": {"uniform": [40, 59]}}, ["unit_trip_hz: '59' does not fit a network of 50 Hz"]),
        ({"relay_first_hz": {"uniform": [47.5, 52]}}, ["relay_first_hz: '52' does not fit a network of 50 Hz"]),
        ({"relay_first_hz": 47.6, "relay_last_hz": 49.9}, ["relay_last_hz: '49.9' must not be above relay_first_hz"]),
        ({"relay_last_hz": {"uniform": [47.9, 49.2]}}, ["relay_last_hz: '49.2' must not be above relay_first_hz"]),
        ({"relay_first_hz": {"uniform": [48.8, 49.2]}, "unit_trip_hz": {"normal": [47.5, 0.1]}}, []),
    ],
)
def test_thresholds_that_are_drawn_fit_the_network_and_each_other_at_both_ends(three, changes, told):
    if not told:
        run_inputs(three(cascade="full", **changes))
        return
    with pytest.raises(gm.InputError) as caught:
        run_inputs(three(cascade="full", **changes))
    said = [str(problem) for problem in caught.value.problems]
    assert len(said) == len(told)
    assert all(part in whole for part, whole in zip(told, said, strict=True)), said
