import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog

import gridmodel as gm
from gridmodel.dispatch.storage import Stock, day_plan, level_off


def least_shed_mwh(deficit, power, energy, island, step_h):
    """Shed energy of one snapshot with perfect foresight, by a linear programme written here."""
    plants, hours = power.shape
    missing = np.maximum(deficit, 0.0)
    rows, limits = [], []
    for plant in range(plants):
        row = np.zeros((plants, hours))
        row[plant] = step_h
        rows.append(row.ravel())
        limits.append(energy[plant])
    for place in range(deficit.shape[1]):
        for hour in range(hours):
            row = np.zeros((plants, hours))
            row[island == place, hour] = 1.0
            rows.append(row.ravel())
            limits.append(missing[hour, place])
    found = linprog(-np.ones(plants * hours), A_ub=np.array(rows), b_ub=limits, bounds=[(0, p) for p in power.ravel()])
    return (missing.sum() + found.fun) * step_h


@st.composite
def days(draw):
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    plants, hours, islands = draw(st.integers(1, 5)), draw(st.sampled_from([3, 12, 24])), draw(st.integers(1, 2))
    deficit = rng.uniform(-200, 400, (1, hours, islands))
    power = rng.uniform(0, 150, (1, plants, 1)) * (rng.random((1, plants, hours)) > draw(st.sampled_from([0, 0.3])))
    energy = rng.uniform(0, draw(st.sampled_from([60, 1500])), (1, plants))
    return deficit, power, energy, rng.integers(0, islands, plants)


@given(days(), st.sampled_from([0.25, 1.0]))
def test_a_day_plan_sheds_no_more_than_perfect_foresight_within_half_a_percent(day, step_h):
    deficit, power, energy, island = day
    given_ = day_plan(deficit, power, energy, island, step_h=step_h)
    assert (given_ >= 0).all()
    assert (given_ <= power + 1e-9).all()
    assert (given_.sum(axis=-1) * step_h <= energy * (1 + 1e-9) + 1e-9).all()
    served = np.stack([given_[0, island == place].sum(axis=0) for place in range(deficit.shape[2])], axis=1)
    missing = np.maximum(deficit[0], 0.0)
    assert (served <= missing + 1e-6).all()
    shed = (missing - served).sum() * step_h
    assert shed <= least_shed_mwh(deficit[0], power[0], energy[0], island, step_h) * 1.005 + 1e-3


@given(days())
def test_a_plan_does_not_depend_on_who_else_is_planned(day):
    deficit, power, energy, island = day
    alone = day_plan(deficit, power, energy, island, step_h=1.0)
    many = day_plan(
        *(np.concatenate([part * 0.7, part, part * 1.3]) for part in (deficit, power, energy)), island, step_h=1.0
    )
    assert alone[0].tobytes() == many[1].tobytes()


def test_energy_goes_to_the_deepest_hours_and_leaves_them_level():
    placed = level_off(np.array([[50.0, 90.0, 70.0, -20.0]]), np.full((1, 4), 100.0), np.array([60.0]), step_h=1.0)
    assert placed[0] == pytest.approx([0, 40, 20, 0])
    assert np.array([50.0, 90.0, 70.0]) - placed[0, :3] == pytest.approx([50, 50, 50])


def test_power_bounds_a_plan_before_its_energy_does():
    placed = level_off(np.array([[50.0, 90.0, 70.0]]), np.full((1, 3), 30.0), np.array([60.0]), step_h=1.0)
    assert placed[0] == pytest.approx([5, 30, 25])


def test_what_no_later_hour_needs_may_be_used_now_and_what_one_needs_may_not():
    stock = Stock(remaining_mwh=np.array([[100.0]]), planned_mw=np.array([[[0.0, 30.0, 40.0]]]))
    half = np.array([0.5])
    assert stock.most_mw(np.array([[200.0]]), half, step_h=1.0)[0, 0] == pytest.approx(30)
    assert stock.most_mw(np.array([[20.0]]), half, step_h=1.0)[0, 0] == pytest.approx(20)
    used = stock.use(np.array([[10.0]]), np.array([[0.0]]), np.array([0.5]), step_h=0.5)
    assert used.remaining_mwh[0, 0] == pytest.approx(95)
    filled = stock.use(np.array([[0.0]]), np.array([[10.0]]), np.array([0.5]), step_h=0.5)
    assert filled.remaining_mwh[0, 0] == pytest.approx(102.5)


@pytest.mark.parametrize(
    ("remaining_mwh", "power_mw", "most"), [(100.0, 300.0, 110.0), (100.0, 90.0, 90.0), (26.0, 300.0, 24.0)]
)
def test_energy_that_no_quarter_needs_lasts_for_an_hour_beside_the_plan_of_this_one(remaining_mwh, power_mw, most):
    # 10 MWh are planned for this quarter and 20 for the last of four: of 100 MWh 70 are left, of 26 not all that is planned
    stock = Stock(remaining_mwh=np.array([[remaining_mwh]]), planned_mw=np.array([[[40.0, 0.0, 0.0, 80.0]]]))
    found = stock.most_mw(np.array([[power_mw]]), np.ones(1), step_h=0.25, over_h=1.0)
    assert found[0, 0] == pytest.approx(most)


@pytest.mark.parametrize(
    ("later", "most"), [([0, 8], 10), ([0, 15], 5), ([0, 25], 0), ([4, 8], 6), ([12, 0], 0), ([0, 0], 10)]
)
def test_what_is_taken_before_an_hour_counts_for_it_and_not_for_those_before(later, most):
    # 10 MWh in store, 20 MW taken in the next hour but one of which half comes back; an hour gives, takes, gives
    plan = np.array([[[0.0, later[0], 0.0, later[1]]]])
    stock = Stock(remaining_mwh=np.array([[10.0]]), planned_mw=plan, taken_mw=np.array([[[0.0, 0.0, 20.0, 0.0]]]))
    assert stock.most_mw(np.array([[50.0]]), np.array([0.5]), step_h=1.0)[0, 0] == pytest.approx(most)


@pytest.fixture
def with_battery(folder, replace_cell):
    """The three regions with 150 MWh of battery in place of a third of the hydro, and a demand that moves."""

    def make(energy="150", power="100", cost="130"):
        path = folder / "generators.csv"
        lines = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("TR-1/battery")]
        head = lines[0].split(",")
        row = dict(zip(head, lines[-1].split(","), strict=True)) | {
            "id": "TR-1/battery", "region": "TR-1", "bus": "TR-1-330", "technology": "battery", "units": "1",
            "p_max_mw": power, "p_available_mw": power, "energy_mwh_per_day": "", "storage_mwh": energy,
            "efficiency": "0.8", "black_start": "false", "grid_forming": "false", "cost_eur_per_mwh": cost,
        }  # fmt: skip
        path.write_text("\n".join([*lines, ",".join(row[name] for name in head)]) + "\n", encoding="utf-8")
        profile = folder / "profiles.csv"
        text = profile.read_text(encoding="utf-8").splitlines()
        columns = text[0].split(",")
        moved = [text[0]]
        for line in text[1:]:
            cell = dict(zip(columns, line.split(","), strict=True))
            if cell["profile"] == "demand":
                cell["value"] = "0.6" if int(cell["hour"]) < 6 else ("1" if 16 <= int(cell["hour"]) < 19 else "0.8")
            moved.append(",".join(cell[name] for name in columns))
        profile.write_text("\n".join(moved) + "\n", encoding="utf-8")
        return str(folder)

    return make


def test_a_battery_gives_its_energy_in_the_deepest_hours_of_each_day_and_no_more(three, with_battery):
    full = {"recharge": "overnight", "storage_start": 1.0}
    base = three(network=with_battery(power="0"), end="2026-01-07 00:00", **full)
    without = gm.run(base)
    with_battery_path = with_battery()
    result = gm.run(three(network=with_battery_path, end="2026-01-07 00:00", **full))
    shed = without["shed_mw"].sum(("region", "tier")).isel(member=0)
    given_ = result["generation_mw"].sel(technology="battery").sum("region").isel(member=0)
    assert given_.isel(time=slice(0, 24)).sum().item() == pytest.approx(150, abs=1e-6)
    assert given_.isel(time=slice(24, 48)).sum().item() == pytest.approx(150, abs=1e-6)
    assert set(np.flatnonzero(given_.isel(time=slice(0, 24)) > 1e-6)) <= set(np.flatnonzero(shed[:24] >= 399))
    left = result["storage_mwh"].sel(technology="battery").isel(member=0)
    assert left.isel(time=23).item() == pytest.approx(0, abs=1e-6)
    assert left.isel(time=24).item() == pytest.approx(150)
    assert "unconfirmed" in result.attrs["storage"]


@pytest.mark.filterwarnings("ignore:.*more than the borders:UserWarning")
def test_storage_that_refills_from_surplus_gives_back_what_it_took_less_its_losses(three, with_battery):
    network = with_battery()
    more = {"availability": {"thermal_coal": 1.0}, "storage_start": 1.0}
    result = gm.run(three(network=network, recharge="surplus", end="2026-01-08 00:00", import_limit_mw=450, **more))
    one = result.isel(member=0)
    took = one["charging_mw"].sel(technology="battery")
    gave = one["generation_mw"].sel(technology="battery").sum("region")
    left = one["storage_mwh"].sel(technology="battery")
    assert 150 + 0.8 * took.sum().item() - gave.sum().item() == pytest.approx(left[-1].item(), abs=1e-6)
    shed = one["shed_mw"].sum(("region", "tier"))
    assert took.max().item() <= 100
    assert not ((took > 1e-9) & (shed > 1e-6)).any()
    assert not ((took > 1e-9) & (gave > 1e-9)).any()
    supply = one["generation_mw"].sum(("region", "technology")) + one["import_mw"]
    assert np.allclose(supply, one["served_mw"].sum(("region", "tier")) + one["charging_mw"].sum("technology"))
    assert (left >= -1e-9).all()
    assert (left <= 150 + 1e-9).all()


@pytest.mark.filterwarnings("ignore:.*more than the borders:UserWarning")
def test_storage_that_refills_from_surplus_gives_nothing_in_a_surplus_even_if_it_is_cheap(three, with_battery):
    network = with_battery(cost="0")
    one = gm.run(three(network=network, recharge="surplus", end="2026-01-07 00:00", import_limit_mw=450)).isel(member=0)
    gave = one["generation_mw"].sel(technology="battery").sum("region")
    night = one["local_time"].dt.hour < 6  # 1,200 MW are needed and 1,300 are there without imports
    assert float(gave.where(night, 0.0).max()) == 0.0
    assert float(gave.max()) > 0.0


def test_a_plan_made_when_the_run_ends_at_noon_is_that_of_the_whole_day(three, with_battery):
    network = with_battery()
    short, long = (gm.run(three(network=network, end=end)) for end in ("2026-01-05 12:00", "2026-01-06 00:00"))
    for name in ("generation_mw", "storage_mwh", "served_mw"):
        same = long[name].isel(time=slice(0, 12)).to_numpy()
        assert short[name].to_numpy().tobytes() == np.ascontiguousarray(same).tobytes()
