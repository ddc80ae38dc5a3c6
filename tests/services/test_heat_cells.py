"""Cells in trouble are computed apart and give the same bits as all cells together."""

import dataclasses

import numpy as np
import pytest
from test_heat_sources import town

from gridmodel.network import read_network
from gridmodel.services.heat import HeatServices, air_loops, cells, draw_units, step_homes, warm_start
from gridmodel.services.heat.cells import CellsState, step_cells

MEMBERS = 5


@pytest.fixture(autouse=True)
def apart_however_few(monkeypatch):
    """Cells in trouble are apart, however few there are."""
    monkeypatch.setattr(cells, "FEW", 0)


def both_ways(services_at, hours, *, district=None, **changes):
    """Steps of the same homes all together and with cells apart; regions may have no district heat."""
    _, homes, chosen = town(members=MEMBERS, **changes)
    if district is not None:
        weight = homes.home_weight.copy()
        weight[: len(homes.kinds)] *= district
        homes = dataclasses.replace(homes, floor_m2=homes.floor_m2 * district, home_weight=weight)
    counts = [*map(int, read_network("three-region").tables["heat_systems"]["source_units"])]
    homes = dataclasses.replace(homes, units=draw_units(counts, 3, range(MEMBERS), spread=np.array(1.0)))
    together = warm_start(homes, chosen, np.full(3, -5.0), MEMBERS)
    apart = CellsState(every=together)
    for hour in range(hours):
        services = services_at(hour)
        one = step_homes(homes, together, chosen, services, step_h=1.0)
        other = step_cells(homes, apart, chosen, services, step_h=1.0, heaters=True)
        together, apart = one.state, other.state
        yield one, other


def troubled(hour):
    """Services that fail here and there: power, network, gas, water and a turbine."""
    rng = np.random.default_rng(hour // 7)
    whole = {name: np.ones((MEMBERS, 3)) for name in ("source", "network", "chp", "plant_power", "fuel", "turbines")}
    for place, name in enumerate(whole):
        if hour % 40 >= 12 + place:
            continue
        member, region = rng.integers(MEMBERS), rng.integers(3)
        whole[name][member, region] = rng.random()
    mains = np.where(np.arange(MEMBERS)[:, None] == hour // 60, 0.0, np.ones((MEMBERS, 3)))
    return HeatServices(
        outdoor_c=np.array([-18.0, -12.0, -6.0]) + 4 * np.sin(hour / 4), mains=mains,
        home_power=rng.random((MEMBERS, 3)), backup=0.0 * mains, mobile_mw=np.array([0.0, 20.0 * (hour > 90), 0.0]),
        **whole,
    )  # fmt: skip


@pytest.mark.gate  # at each edit: no cell is apart where nothing is wrong
def test_cells_apart_give_the_same_bits_as_all_cells_together():
    seen = set()
    for one, other in both_ways(troubled, 260, restart_h=[3.0, 5.0], heat_given_up_share=0.0):
        seen.add(None if other.state.apart is None else len(other.state.apart.cells.member))
        for name in ("need_mw", "supplied_mw", "hot_water", "cold_share", "degree_hours", "heater_mw", "heater_homes",
                     "deadline_h", "supply_c", "dry_risers"):  # fmt: skip
            assert getattr(one, name).tobytes() == getattr(other.values, name).tobytes(), name
        shares = np.zeros((MEMBERS, 3, 5))
        other.put_shares(shares)
        assert (shares == np.moveaxis(one.share, 0, -1)).all()
        air, there = np.zeros(one.air_c.shape), one.air_c
        other.put_air(air)
        np.testing.assert_array_equal(air, there)
    assert len(seen) > 4  # cells came and went


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_loops_write_the_air_and_shares_that_arrays_write(monkeypatch, kind):
    monkeypatch.setattr(air_loops, "LEAST", 0)
    apart = 0
    for one, other in both_ways(troubled, 30, restart_h=[3.0, 5.0], heat_given_up_share=0.0):
        apart += other.state.apart is not None
        for step in (one, other):
            found = []
            for loops in (False, True):
                monkeypatch.setattr(air_loops, "COMPILED", loops)
                air = np.zeros((MEMBERS, 2, *one.air_c.shape[1:]), kind)[:, 1]
                step.put_air(air)
                found.append(air.tobytes())
            assert found[0] == found[1]
        found = []
        for loops in (False, True):
            monkeypatch.setattr(air_loops, "COMPILED", loops)
            shares = np.full((MEMBERS, 2, 3, 5), 7.0, kind)[:, 1]
            other.put_shares(shares)
            found.append(shares.tobytes())
        assert found[0] == found[1]
    assert apart


def test_cells_with_little_heat_or_none_give_the_same_bits_apart_as_together():
    whole = np.ones((MEMBERS, 3))

    def short(hour):
        fuel = np.where(hour < 40, np.outer([0.0, 1e-9, 0.02, 0.5, 1.0], [1.0, 0.5, 1.0]), whole)
        return HeatServices(outdoor_c=np.full(3, -15.0 + hour % 5), source=whole, network=whole, chp=whole,
                            plant_power=whole, backup=0 * whole, home_power=whole, fuel=fuel, mains=whole,
                            mobile_mw=(hour > 20) * np.outer(np.arange(MEMBERS), [0.5, 0.0, 5.0]))  # fmt: skip

    for one, other in both_ways(short, 60, restart_h=[3.0, 5.0]):
        shares = np.zeros((MEMBERS, 3, 5))
        other.put_shares(shares)
        assert shares.tobytes() == np.moveaxis(one.share, 0, -1).tobytes()
        assert one.cold_share.tobytes() == other.values.cold_share.tobytes()
    assert 0.0 < one.share[0].min() < 0.6  # some wait


def test_a_region_without_district_heat_loses_none_in_a_cell_apart_or_together():
    for one, other in both_ways(troubled, 60, district=np.array([0.0, 1.0, 1.0])):
        shares = np.zeros((MEMBERS, 3, 5))
        other.put_shares(shares)
        assert shares.tobytes() == np.moveaxis(one.share, 0, -1).tobytes()
        assert (shares[:, 0, 0] == 1.0).all()
        assert np.isnan(one.deadline_h[:, 0]).all()
        assert one.deadline_h.tobytes() == other.values.deadline_h.tobytes()
    assert one.share[0, :, 1:].min() < 1.0


def test_no_cell_is_apart_where_nothing_is_wrong_and_none_stays_apart_for_good():
    whole = np.ones((MEMBERS, 3))

    def tripped(hour):
        power = np.where((hour == 2) & (np.arange(MEMBERS)[:, None] == 1), 0.0, whole)
        return HeatServices(outdoor_c=np.full(3, 2.0), source=whole, network=whole, chp=whole, plant_power=power,
                            backup=0 * whole, home_power=whole, fuel=whole, mains=whole, mobile_mw=0 * whole)  # fmt: skip

    steps = [other.state.apart for _, other in both_ways(tripped, 250)]
    assert steps[1] is None
    assert sorted(zip(steps[2].cells.member, steps[2].cells.region, strict=True)) == [(1, 0), (1, 1), (1, 2)]
    assert steps[-1] is None


def of_members(part, block):
    """What some members have of arrays, or of what consists of them."""
    if dataclasses.is_dataclass(part):
        names = [field.name for field in dataclasses.fields(part) if field.init]
        return dataclasses.replace(part, **{name: of_members(getattr(part, name), block) for name in names})
    wide = isinstance(part, np.ndarray) and part.ndim > 1 and part.shape[-2] == MEMBERS
    return part[..., block, :] if wide else part


def test_few_cells_are_together(monkeypatch):
    monkeypatch.setattr(cells, "FEW", 3 * MEMBERS)
    for one, other in both_ways(troubled, 60, restart_h=[3.0, 5.0]):
        assert other.state.apart is None
        shares = np.zeros((MEMBERS, 3, 5))
        other.put_shares(shares)
        assert (shares == np.moveaxis(one.share, 0, -1)).all()


@pytest.mark.parametrize("block", [slice(0, 2), slice(3, 5)])
@pytest.mark.gate  # at each edit: any company, in `test_sampling.py`
def test_members_are_the_same_in_any_block(block):
    _, homes, chosen = town(members=MEMBERS)
    part = chosen.part(block)
    count, own = block.stop - block.start, of_members(homes, block)
    together = CellsState(every=warm_start(homes, chosen, np.full(3, -5.0), MEMBERS))
    alone = CellsState(every=warm_start(own, part, np.full(3, -5.0), count))
    for hour in range(80):
        services = troubled(hour)
        some = {field.name: getattr(services, field.name) for field in dataclasses.fields(services)}
        some = {name: value[block] if np.ndim(value) == 2 else value for name, value in some.items()}
        one = step_cells(homes, together, chosen, services, step_h=1.0, heaters=True)
        other = step_cells(own, alone, part, HeatServices(**some), step_h=1.0, heaters=True)
        together, alone = one.state, other.state
        assert one.values.cold_share[:, block].tobytes() == other.values.cold_share.tobytes()
