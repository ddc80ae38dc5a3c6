"""What events add to a deficit that stands without them."""

import numpy as np
import pytest
import xarray as xr

import gridmodel as gm
from gridmodel.results.standing import check_national, sentence, standing


def by_hand(shed_mw, cold=0.0, events="[]"):
    """A run of two members and two hours in one region; numbers hold in every hour."""
    dims = ("member", "time", "region")
    data = {
        "shed_mw": ((*dims, "tier"), np.full((2, 2, 1, 1), float(shed_mw))),
        "people_without_heat": (dims, np.full((2, 2, 1), float(cold))),
    }
    attrs = {
        "step_h": 1.0,
        "seed": 1,
        "deterministic": 0,
        "start": "a",
        "end": "b",
        "scenario": f'{{"events": {events}}}',
    }
    return xr.Dataset(data, {"member": [0, 1], "region": ["XA-1"], "tier": ["household"]}, attrs)


WAVE = '[{"kind": "wave", "target": "XA", "profile": "mixed"}]'


def test_a_deficit_of_98_of_100_megawatts_stands_without_the_events():
    found = standing(by_hand(100, cold=3e6, events=WAVE), by_hand(98, cold=1e6))
    assert (found.share, found.more_mwh, found.more_h["person_hours_without_heat"]) == (0.98, 4.0, 4e6)
    assert sentence(found).startswith("98 % of the missing energy is standing deficit")
    assert sentence(found).endswith("add 0.004 GWh, 4 M person-hours below 12 °C.")  # this network has no water


def test_a_network_without_heat_or_water_has_no_number_for_them():
    with_wave, without = (by_hand(mw, events=rows) for mw, rows in ((100, WAVE), (98, "[]")))
    dry = {"people_without_water": with_wave["people_without_heat"] + 5e5}
    found = standing(with_wave.assign(dry), without.assign(people_without_water=without["people_without_heat"]))
    assert found.more == {"power": 0.004, "cold": 0.0, "dry": 1.0}
    assert sentence(found).endswith("add 0.004 GWh, 0 M person-hours below 12 °C, 1 M person-hours without water.")
    grid = standing(*(one.drop_vars("people_without_heat") for one in (with_wave, without)))
    assert grid.more == {"power": 0.004}
    assert sentence(grid).endswith("add 0.004 GWh.")


def test_nothing_missing_has_no_share():
    assert standing(by_hand(0, events=WAVE), by_hand(0)).share is None
    assert sentence(standing(by_hand(0, events=WAVE), by_hand(0))).startswith("Nothing is missing")


@pytest.mark.parametrize("target", ["XA-1/heat_source", "NORTH", "line:7"])
def test_events_of_a_place_have_no_base_line(target):
    rows = [{"kind": "outage", "target": "XA/hydro"}, {"kind": "outage", "target": target}]
    with pytest.raises(gm.InputError, match="ranks help, never targets"):
        check_national(rows, ["XA-1"])


def test_a_run_without_events_or_with_other_members_is_no_base_line():
    with pytest.raises(gm.InputError, match="needs a scenario with events"):
        standing(by_hand(1), by_hand(1))
    with pytest.raises(gm.InputError, match="must be the same scenario without events"):
        standing(by_hand(1, events=WAVE), by_hand(1, events=WAVE))
    with pytest.raises(gm.InputError, match="same seed, members"):
        standing(by_hand(1, events=WAVE), by_hand(1).isel(member=[0]))


def test_compare_takes_national_events_against_none_and_refuses_regional_ones():
    from gridmodel.results.comparison import check_events

    national = ([{"kind": "outage", "target": "XA/hydro", "share": 0.2}], "")
    check_events(national, ([], ""), "base", ["XA-1"])
    with pytest.raises(gm.InputError, match="single regions"):
        check_events(([{"kind": "outage", "target": "XA-1/hydro", "share": 0.2}], ""), ([], ""), "base", ["XA-1"])
