"""A network that lists its own archetypes."""

import csv
import io

import numpy as np
import pytest

import gridmodel as gm
from gridmodel.network import read_network
from gridmodel.results.deadlines import people_to_drain
from gridmodel.sampling import draw_settings
from gridmodel.scenario import make_scenario
from gridmodel.services.heat import build_homes
from gridmodel.vocabulary import OWN_HEAT

HEAD = ("id", "h_opaque_w_per_m2k", "h_window_w_per_m2k", "h_ventilation_w_per_m2k", "capacity_j_per_m2k",
        "mass_area_per_floor_area", "heats_itself", "source", "confidence")  # fmt: skip
LOFT = ("loft", "1.0", "0.5", "0.5", "200000", "3", "", "OURS", "low")
CABIN = ("timber_frame", "0.9", "0.4", "0.6", "110000", "2.5", "true", "OURS", "low")


def write(folder, *rows, shares=("loft",)):
    """Write archetypes, and heat systems whose homes are all of the first."""
    made = io.StringIO()
    csv.writer(made).writerows([HEAD, *rows])
    (folder / "archetypes.csv").write_text(made.getvalue())
    path = folder / "heat_systems.csv"
    with path.open(newline="") as file:
        table = list(csv.reader(file))
    kept = [place for place, name in enumerate(table[0]) if not name.startswith("share_")]
    made = io.StringIO()
    for line, cells in enumerate(table):
        values = [f"share_{name}" for name in shares] if line == 0 else ["1"] + ["0"] * (len(shares) - 1)
        csv.writer(made).writerow([cells[place] for place in kept] + values)
    path.write_text(made.getvalue())
    return folder


def test_a_run_has_the_archetypes_that_the_network_lists(folder, three):
    write(folder, LOFT, CABIN)
    dark = {"time": "2026-01-05 01:00", "target": "TR-1/delivery", "kind": "limit", "share": 0.0}
    bare = {"cooker_w_per_m2": 0.0, "internal_gain_w_per_m2": 0.0, "own_backup_h": 0.0, "sun_clearness": 0.0}
    result = gm.run(three(network=str(folder), events=[dark], **bare))
    assert list(result["archetype"].to_numpy()) == ["loft", *OWN_HEAT]
    assert float(result["archetype_share"].sel(archetype="loft", region="TR-1")) == pytest.approx(0.5)
    # homes that heat themselves are of timber: 110 kJ/K over 1.9 W/K is 16 h
    air = (
        result["indoor_temperature"]
        .sel(region="TR-1", archetype="own_gas_powered", heat_state="connected")
        .isel(member=0)
    )
    outdoor = float(result["outdoor_temperature"].sel(region="TR-1").isel(time=-1))
    late = np.log(air.to_numpy()[12:] - outdoor)
    assert -1.0 / np.polyfit(np.arange(len(late)), late, 1)[0] == pytest.approx(110e3 / 3600 / 1.9, rel=0.05)
    assert people_to_drain(result) is not None


def test_a_network_gives_the_range_of_its_time_constants(folder):
    scenario = make_scenario({"name": "x", "network": str(folder), "weather": "three-region", "start": "2026-01-05",
                              "end": "2026-01-06", "building_inertia": [0.0, 0.0], "deterministic": True})  # fmt: skip

    def capacity():
        homes = build_homes(read_network(folder), scenario, draw_settings(scenario, [0]))
        return homes.building.capacity_j_per_k[0, 0, 0]

    write(folder, LOFT, CABIN)
    assert capacity() == 200e3  # without a range, as its row says
    path = folder / "archetypes.csv"
    lines = path.read_text().splitlines()
    path.write_text("\n".join([f"{lines[0]},time_constant_low_h", f"{lines[1]},15", f"{lines[2]},"]) + "\n")
    assert capacity() == pytest.approx(15.0 * 3600.0 * 2.0)  # 15 h of losses of 2 W/K


def test_without_a_mark_the_old_detached_house_heats_itself(folder):
    table = read_network("ukraine").tables["archetypes"].set_index("id")
    assert not table["heats_itself"].any()
    assert {"masonry_insulated", "timber_frame"} <= set(table.index)
    write(folder, LOFT)
    with pytest.raises(gm.InputError, match=r"archetypes.csv: id: 'detached_old' has no row"):
        read_network(folder)


@pytest.mark.parametrize(
    ("rows", "shares", "message"),
    [
        ((LOFT, CABIN), ("loft", "tower"), "'tower' has no row"),
        ((LOFT, CABIN, ("hut", *CABIN[1:])), ("loft",), "is true in another row too"),
        ((LOFT, CABIN, ("own_stove", *LOFT[1:])), ("loft",), "not the name of a kind of own heating"),
        ((LOFT, CABIN, ("Big house", *LOFT[1:])), ("loft",), "must be small letters"),
        ((LOFT, CABIN), (), "it must be 1"),
    ],
)
def test_what_is_wrong_with_archetypes_is_said(folder, rows, shares, message):
    write(folder, *rows, shares=shares) if shares else write(folder, *rows)
    if not shares:
        path = folder / "heat_systems.csv"
        path.write_text(
            path.read_text()
            .replace("share_loft", "share_timber_frame")
            .replace(",1\n", ",0.5\n")
            .replace(",1\r\n", ",0.5\r\n")
        )
    with pytest.raises(gm.InputError, match=message):
        read_network(folder)
