"""Large files are packed by ISA-L and written chunk by chunk; to whoever reads them they are what the netCDF library writes."""

import resource
import sys
import time

import netCDF4
import numpy as np
import pandas as pd
import pytest
import xarray as xr

import gridmodel as gm
from gridmodel.inputs import netcdf
from gridmodel.inputs.netcdf import cf_encoding, write_netcdf4
from gridmodel.output.export import write_netcdf
from gridmodel.results.run_folder import read_result, write_result, write_run
from gridmodel.weather import write_weather

STRIKE = {
    "time": "2026-01-05 02:00",
    "target": "TR-2/heat_source",
    "kind": "strike",
    "hits_before_interception": 3,
    "interception": 0.2,
}


@pytest.fixture(scope="module")
def run():
    """A scenario of few hours with repairs and cascades, and its result."""
    scenario = gm.Scenario(name="few hours", network="three-region", weather="three-region", timezone="UTC", members=3, cascade="full",
                           start="2026-01-05 00:00", end="2026-01-05 06:00", events=[STRIKE])  # fmt: skip
    return scenario, gm.run(scenario)


@pytest.fixture
def both(monkeypatch, tmp_path):
    """Write a file by the netCDF library alone, and another one with the chunks packed here."""

    def make(write):
        found = []
        for name, least in (("theirs.nc", 1e18), ("ours.nc", 0)):
            monkeypatch.setattr(netcdf, "LARGE_BYTES", least)
            write(tmp_path / name)
            found.append(tmp_path / name)
        assert found[0].read_bytes() != found[1].read_bytes()  # there are two ways
        return found

    return make


def layout(path):
    """Everything that the netCDF library says of a file, in its order, but the values."""
    with netCDF4.Dataset(path) as file:
        attributes = {name: str(file.getncattr(name)) for name in file.ncattrs()}
        dims = [(name, len(one), one.isunlimited()) for name, one in file.dimensions.items()]
        variables = [
            (name, one.dtype, one.dimensions, one.shape, one.chunking(), one.filters(), one.endian(),
             {key: (str(one.getncattr(key)), type(one.getncattr(key))) for key in one.ncattrs()})
            for name, one in file.variables.items()
        ]  # fmt: skip
    return {"attributes": attributes, "dims": dims, "variables": variables}


def assert_same(theirs, ours):
    assert layout(ours) == layout(theirs)
    for options in ({}, {"mask_and_scale": False}):
        with xr.open_dataset(theirs, **options) as one, xr.open_dataset(ours, **options) as two:
            xr.testing.assert_identical(one.load(), two.load())
            for name, values in one.variables.items():
                if values.dtype.kind != "O":  # signs of zeros too
                    assert values.to_numpy().tobytes() == two[name].to_numpy().tobytes(), name


def many_kinds(steps=7):
    """Variables of every kind that files have, with chunks that end inside of them along each axis."""
    shape = (5, steps, 4)
    rng = np.random.default_rng(1)
    values = np.where(rng.random(shape) < 0.2, np.nan, rng.normal(size=shape))
    values[:, :, 0] = -0.0
    times = pd.date_range("2026-01-05", periods=steps, freq="h")
    data = xr.Dataset(
        {
            "wide": (("member", "time", "region"), values, {"units": "MW"}),
            "narrow": (("member", "time", "region"), values.astype("f4")),
            "one": (("time",), values[0, :, 1]),
            "still": (("member", "region"), values[:, 0, :]),
            "single": ((), 1.5),
            "empty": (("member", "time", "job"), np.zeros((5, steps, 0))),
            "count": (("time", "region"), np.arange(steps * 4).reshape(steps, 4)),
            "whether": (("member", "time"), values[:, :, 1] > 0),
            "said": (("time",), [f"step {'x' * number}" for number in range(steps)]),
            "time_bounds": (("time", "bound"), np.stack([times, times + pd.Timedelta("1h")], axis=1)),
            "local": (("time",), times + pd.Timedelta("2h")),
        },
        {"member": np.arange(5), "time": times, "region": ["A", "Bé", "C", "D"]},
        {"title": "many kinds"},
    )
    data["time"].attrs["bounds"] = "time_bounds"
    encoding = cf_encoding(data)
    encoding["time"]["units"] = "minutes since 2026-01-05"
    encoding["wide"]["chunksizes"] = (2, 3, 3)
    encoding["narrow"] |= {"chunksizes": (3, 7, 2), "shuffle": False}
    encoding["one"]["chunksizes"] = (4,)
    encoding["empty"].pop("chunksizes")
    return data, encoding


@pytest.mark.parametrize("steps", [7, 1])
def test_variables_of_every_kind_are_as_the_netcdf_library_writes_them(both, steps):
    data, encoding = many_kinds(steps)
    theirs, ours = both(lambda path: write_netcdf4(data, path, encoding))
    assert_same(theirs, ours)
    with xr.open_dataset(ours) as again:
        np.testing.assert_array_equal(again["wide"], data["wide"])
        assert again["said"].to_numpy().tolist() == data["said"].to_numpy().tolist()


@pytest.mark.parametrize(
    ("write", "chunk_bytes"),
    [
        (write_result, 1_000),  # some variables hold one member of three in a chunk, some two, some all
        pytest.param(write_result, netcdf.CHUNK_BYTES, marks=pytest.mark.gate),  # at each edit: smaller chunks
        pytest.param(write_netcdf, netcdf.CHUNK_BYTES, marks=pytest.mark.gate),  # at each edit: bounds of another file
    ],
)
def test_a_result_and_its_export_are_as_the_netcdf_library_writes_them(both, run, monkeypatch, write, chunk_bytes):
    monkeypatch.setattr(netcdf, "CHUNK_BYTES", chunk_bytes)
    theirs, ours = both(lambda path: write(run[1], path))
    assert_same(theirs, ours)
    if write is write_result:
        with read_result(ours) as again:
            xr.testing.assert_allclose(again.load(), run[1])


def test_a_result_of_one_step_is_as_the_netcdf_library_writes_it(both, run):
    names = ["shed_mw", "demand_mw", "indoor_temperature", "people_without_heat"]
    assert_same(*both(lambda path: write_result(run[1][names].isel(time=slice(1)), path)))


def test_weather_is_as_the_netcdf_library_writes_it(both):
    assert_same(*both(lambda path: write_weather(gm.load_weather("three-region"), path)))


def test_values_that_another_library_holds_back_are_written_too(both):
    data, encoding = many_kinds()
    lazy = data.assign({name: data[name].chunk({"member": 2}) for name in ("wide", "whether")})
    theirs, ours = both(lambda path: write_netcdf4(lazy, path, encoding))
    assert_same(theirs, ours)


def test_two_files_of_the_same_are_equal_to_the_byte_a_second_later(tmp_path, monkeypatch):
    monkeypatch.setattr(netcdf, "LARGE_BYTES", 0)
    data, encoding = many_kinds()
    write_netcdf4(data, tmp_path / "one.nc", encoding)
    time.sleep(1.1)  # times in HDF5 are seconds
    write_netcdf4(data.copy(deep=True), tmp_path / "two.nc", encoding)
    assert (tmp_path / "one.nc").read_bytes() == (tmp_path / "two.nc").read_bytes()


def test_a_small_file_is_written_without_loading_h5py(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "h5py", None)  # importing it is an error now
    data, encoding = many_kinds()
    write_netcdf4(data, tmp_path / "small.nc", encoding)
    monkeypatch.setattr(netcdf, "LARGE_BYTES", sum(data[name].nbytes for name in ("wide", "narrow", "one")))
    with pytest.raises(ImportError):
        write_netcdf4(data, tmp_path / "large.nc", encoding)


def test_steps_that_somebody_adds_are_missing_until_they_are_written(tmp_path, monkeypatch):
    monkeypatch.setattr(netcdf, "LARGE_BYTES", 0)
    data, encoding = many_kinds()
    write_netcdf4(data, tmp_path / "made.nc", encoding)
    with netCDF4.Dataset(tmp_path / "made.nc", "a") as file:
        file["one"][7] = 5.0
        file["wide"][4, 7, 3] = 6.0
    with xr.open_dataset(tmp_path / "made.nc", decode_times=False) as again:  # chunks of `wide` hold steps 6 to 8
        assert again.sizes["time"] == 8
        assert again["wide"][4, 7, 3] == 6.0
        assert np.isnan(again["wide"][:, 7, :]).sum() == 5 * 4 - 1
        np.testing.assert_array_equal(again["wide"][:, :7], data["wide"])


@pytest.mark.parametrize("share", [0.6, 0.999])
def test_a_disk_that_is_full_before_the_last_chunk_is_told_in_one_message_and_leaves_nothing(
    run, tmp_path, monkeypatch, share
):
    monkeypatch.setattr(netcdf, "LARGE_BYTES", 0)
    write_result(run[1], tmp_path / "whole.nc")
    most = int((tmp_path / "whole.nc").stat().st_size * share)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, hard))
    try:
        with pytest.raises(gm.InputError) as told:
            write_run(run[1], run[0], tmp_path / "run", command=[], seconds={})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert [problem.message for problem in told.value.problems] == ["cannot be written: File too large"]
    assert list(tmp_path.rglob("*")) == [tmp_path / "whole.nc"]


@pytest.mark.parametrize("kind", [OSError, RuntimeError])  # the second where a file is closed, as some versions do
def test_a_page_of_text_from_hdf5_becomes_the_error_of_the_system(kind):
    with pytest.raises(OSError, match=r"^.Errno 28. No space left on device$"), netcdf._plain_errors():
        raise kind(
            "Disable slist on flush dest failure failed (file write failed: time = Sun, errno = 28, error message = 'No space')"
        )
    with pytest.raises(kind, match="Wrong type"), netcdf._plain_errors():
        raise kind("Wrong type")
