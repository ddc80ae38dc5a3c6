"""Files follow the CF conventions; `make check-cf` asks the IOOS compliance checker, here its points are looked at one by one."""

import netCDF4
import pytest

import gridmodel as gm
from gridmodel.output.export import write_netcdf
from gridmodel.results.cf import own_unit
from gridmodel.results.run_folder import read_result, write_result
from gridmodel.weather import write_weather

UDUNITS = {
    "1", "L", "h", "d", "K", "K h", "MW", "MW h", "degC", "W m-2", "m s-1", "m3", "m3 h-1", "l d-1", "Hz", "degrees_north", "degrees_east", "GW",
}  # fmt: skip
"""Units that UDUNITS knows, of those that files have."""


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A result with cascades and repairs, its export, and weather."""
    place = tmp_path_factory.mktemp("cf")
    events = [{"time": "2026-01-05 02:00", "target": "TR-2/heat_source", "kind": "strike", "hits_before_interception": 3, "interception": 0.2},
              {"time": "2026-01-05 02:00", "target": "TR-1/delivery", "kind": "limit", "share": 0.2}]  # fmt: skip
    result = gm.run(gm.Scenario(name="cf", network="three-region", weather="three-region", timezone="UTC", members=2, cascade="full",
                                start="2026-01-05 00:00", end="2026-01-05 06:00", events=events))  # fmt: skip
    write_result(result, place / "result.nc")
    write_netcdf(result, place / "export.nc")
    write_weather(gm.load_weather("three-region"), place / "weather.nc")
    return place, result


@pytest.mark.parametrize("name", ["result", "export", "weather"])
def test_a_file_has_what_a_checker_of_cf_looks_for(files, name):
    with netCDF4.Dataset(files[0] / f"{name}.nc") as data:
        assert data.dimensions["time"].isunlimited()  # the record dimension may stand before others
        assert all(data.getncattr(attribute) for attribute in ("title", "history"))
        assert data.Conventions == "CF-1.11"
        assert data["time"].standard_name == "time"
        assert data["time"].units_metadata == "leap_seconds: none"
        for variable in data.variables.values():
            assert variable.dtype is not str, variable.name  # texts are characters
            known = {"long_name", "standard_name"} & set(variable.ncattrs())
            assert known or variable.name == "time_bounds" or variable.dtype.kind == "S", variable.name
            unit = getattr(variable, "units", "1")
            assert unit in UDUNITS or " since " in unit, (variable.name, unit)
            if getattr(variable, "standard_name", "") == "air_temperature":
                assert variable.units_metadata == "temperature: on_scale"
            methods = getattr(variable, "cell_methods", "")
            assert all(
                word.rstrip(":") in variable.dimensions
                for word in methods.split()
                if word.endswith(":") and "(" not in word
            )


def test_a_result_that_is_read_back_has_the_units_and_texts_of_the_run(files):
    place, result = files
    again = read_result(place / "result.nc")
    assert again["storage_mwh"].attrs["units"] == result["storage_mwh"].attrs["units"] == "MWh"
    assert again["region"].to_numpy().tolist() == result["region"].to_numpy().tolist()
    assert again["region_name_uk"].to_numpy().tolist() == result["region_name_uk"].to_numpy().tolist()
    assert own_unit("MW h") == "MWh"
    assert gm.summarise(again).equals(gm.summarise(again.load()))
