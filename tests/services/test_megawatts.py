"""Supply in megawatts by date, and a factor on demand."""

import numpy as np
import pytest
from services.power_systems import two_regions

from gridmodel.inputs.series import Series
from gridmodel.services.megawatts import Megawatts, columns_in_megawatts, split, with_megawatts
from gridmodel.services.power.consumers import demand_ahead


def test_more_plant_out_than_there_is_leaves_nothing_and_never_less():
    given = Megawatts(out={"nuclear": np.array([350.0, 150.0])})
    got = with_megawatts(np.array([[200.0, 100.0]] * 2), ["nuclear", "nuclear"], given)
    assert got.tolist() == [[0.0, 0.0], [100.0, 50.0]]


def test_plant_out_is_taken_from_each_members_own_capacity_and_other_plant_is_as_it_was():
    given = Megawatts(out={"wind": np.array([10.0])})
    available = np.array([[[40.0, 5.0], [20.0, 6.0]]])  # one step, two members: wind and sun
    assert with_megawatts(available, ["wind", "solar"], given).tolist() == [[[30.0, 5.0], [10.0, 6.0]]]
    assert available[0, 0, 0] == 40.0


def test_columns_in_megawatts_leave_the_rest_of_a_series_as_it_is():
    times = np.array(["2026-01-01", "2026-01-02"], dtype="datetime64[s]")
    series = Series(
        names=("wind_mw", "hydro", "thermal_gas_out_mw", "import_limit_mw"), times=times,
        values=np.array([[1.0, 0.5, 2.0, 30.0], [4.0, 0.6, 5.0, 40.0]]),
    )  # fmt: skip
    rest, given = split(series, ["wind", "hydro", "thermal_gas"], times[[0, 1, 1]])
    assert rest.names == ("hydro", "import_limit_mw")
    assert rest.values.tolist() == [[0.5, 30.0], [0.6, 40.0]]
    assert (given.output["wind"].tolist(), given.out["thermal_gas"].tolist()) == ([1.0, 4.0, 4.0], [2.0, 5.0, 5.0])
    assert columns_in_megawatts(["wind"]) == ("wind_mw", "wind_out_mw")


@pytest.mark.parametrize(("replaced", "factors"), [(False, [1.0, 0.9]), (True, [1.0, 1.0])])
def test_people_who_save_use_less_of_a_file_that_is_scaled_and_not_of_one_that_replaces(replaced, factors):
    given = np.tile([300.0, 60.0], (29, 1))
    settings = {"demand_factor": np.array([1.0, 0.9]), "temperature_slope_factor": np.ones(2)}
    system = two_regions(settings=settings, consumers={"series_mw": given, "replaced": replaced})
    got = demand_ahead(system.consumers, system.settings, 0, steps=2).sum(axis=-1)
    assert got[:, 1] == pytest.approx(np.outer(factors, [300.0, 60.0]))
    some = demand_ahead(system.consumers, system.settings, 0, steps=2, rows=np.array([1])).sum(axis=-1)
    assert some[0, 0] == pytest.approx(factors[1] * np.array([300.0, 60.0]))


def test_people_who_save_use_less_of_what_the_model_would_give():
    plain = two_regions(settings={"demand_factor": np.array([1.0, 0.8]), "temperature_slope_factor": np.ones(2)})
    got = demand_ahead(plain.consumers, plain.settings, 0)
    assert got[1] == pytest.approx(0.8 * got[0])
