"""A result or store from a stranger is a result, or an error that says why not: never a traceback, never much memory."""

import json
import os
import random
import shutil
import warnings
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from click.testing import CliRunner
from conftest import LONG, sampled
from opened import opened

import gridmodel as gm
from gridmodel.commands import main
from gridmodel.inputs.json_text import check_json
from gridmodel.results import result_schema
from gridmodel.results.needs import _coldest
from gridmodel.results.run_folder import read_result, write_result
from gridmodel.studies.sweep.sealed import hash_bytes, read_sealed, sealed
from gridmodel.studies.sweep.store import HASHES

CALLS = (
    ["deadlines"],
    ["schedule"],
    ["export", "csv"],
    ["export", "geojson"],
    ["report"],
    ["schedule", "--region", "TR-1"],
)
PLOTS = (
    ["tiles"],
    ["balance", "--region", "TR-1"],
    ["causes", "--region", "TR-2"],
    ["temperature", "--region", "TR-3"],
    ["timetable", "--region", "TR-1"],
)


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    event = {
        "time": "2026-01-05 01:00",
        "target": "TR-1/generation",
        "kind": "strike",
        "hits_before_interception": 6,
        "interception": 0.2,
    }
    scenario = gm.load_scenario("three-region").replace(
        end="2026-01-05 06:00", events=[event], members=2, deterministic=False, cascade="full"
    )
    result = gm.run(scenario)
    where = tmp_path_factory.mktemp("stranger")
    write_result(result, where / "result.nc")
    with xr.open_dataset(where / "result.nc", engine="netcdf4") as found:
        return found.load()


def drop(name):
    return lambda ds: ds.drop_vars(name)


def without(name):
    def change(ds):
        made = ds.copy()
        made.attrs = {key: value for key, value in ds.attrs.items() if key != name}
        return made

    return change


def attr(name, value):
    return lambda ds: ds.assign_attrs({name: value})


def var_attr(name, key, value):
    def change(ds):
        made = ds.copy(deep=True)
        made[name].attrs[key] = value
        return made

    return change


def typed(name, kind):
    return lambda ds: ds.assign(
        {
            name: (
                ds[name].dims,
                np.full(ds[name].shape, "x", dtype=object) if kind == "O" else np.ones(ds[name].shape, dtype=kind),
            )
        }
    )


def flat(name):
    return lambda ds: ds.assign({name: ((), 1.0)}) if name not in ds.dims else ds.drop_vars(name)


def moved(name):
    return lambda ds: (
        ds.assign({name: (("elsewhere",) * ds[name].ndim, ds[name].to_numpy())})
        if ds[name].ndim == 1
        else ds.assign({name: ds[name].isel({ds[name].dims[0]: 0}, drop=True)})
    )


def relabelled(name, values):
    def change(ds):
        found = ds[name].to_numpy().copy()
        found = found.astype(object) if isinstance(values[0], str) else found
        found[: len(values)] = values
        return ds.assign_coords({name: (ds[name].dims, found)})

    return change


def mutations(ds):
    """Every mutation, by name."""
    found = {}
    for name in map(str, ds.variables):
        found[f"drop {name}"] = drop(name)
        for kind in ("O", "f8", "i8"):
            if name not in ds.dims:
                found[f"{name} as {kind}"] = typed(name, kind)
        found[f"flat {name}"] = flat(name)
        if name not in ds.dims:
            found[f"moved {name}"] = moved(name)
        found[f"units {name}"] = var_attr(name, "long_name", 5)
        if "units" in ds[name].attrs:
            found[f"unit {name}"] = var_attr(name, "units", "furlong")
    for name in ds.attrs:
        found[f"without {name}"] = without(name)
        for value in ("", "x" * 300, 5, -1.5, float("nan"), "{", "[1]", "null", "\x1b[2J"):
            found[f"attr {name} {value!r:.20}"] = attr(name, value)
    for name in map(str, ds.dims):
        if ds.sizes[name]:
            found[f"none of {name}"] = lambda ds, name=name: ds.isel({name: slice(0)})
            found[f"one of {name}"] = lambda ds, name=name: ds.isel({name: slice(1)})
            found[f"renamed {name}"] = lambda ds, name=name: ds.rename({name: "other"})
        if name in ds.coords and ds.sizes[name] > 1:
            found[f"twice {name}"] = lambda ds, name=name: ds.isel({name: [0] * ds.sizes[name]})
            found[f"back {name}"] = lambda ds, name=name: ds.isel({name: slice(None, None, -1)})
    for values in (
        ["$a$ \\frac{1}{0}"],
        ["$"],
        ["a" * 5000],
        [""],
        ["\x1b[2J\n"],
        ["<script>alert(1)</script>"],
        ["=1+1"],
        ["../../x"],
        ["%s{}"],
    ):
        for name in ("region", "region_name", "region_name_uk"):
            found[f"{name} {values[0]:.12}"] = relabelled(name, values)
    for name in ("repair_region", "repair_class", "repair_state"):
        found[f"far {name}"] = lambda ds, name=name: ds.assign({name: ds[name] + 99})
        found[f"flags {name}"] = var_attr(name, "flag_meanings", "a")
    for name in (
        "population",
        "shed_mw",
        "demand_mw",
        "home_share",
        "indoor_temperature",
        "backup_fuel_h",
        "water_stored_m3",
        "centre_lat",
        "import_mw",
    ):
        for value in (np.nan, np.inf, -1e300, 1e300):
            found[f"{name} {value}"] = lambda ds, name=name, value=value: ds.assign({name: ds[name] * 0 + value})
    found["region numbers"] = lambda ds: ds.assign_coords(region=[1, 2, 3])
    found["time numbers"] = lambda ds: ds.assign_coords(time=np.arange(ds.sizes["time"]))
    found["no time"] = lambda ds: ds.assign_coords(time=np.full(ds.sizes["time"], np.datetime64("NaT")))
    found["local nothing"] = lambda ds: ds.assign_coords(
        local_time=("time", np.full(ds.sizes["time"], np.datetime64("NaT")))
    )
    found["extra $"] = lambda ds: ds.assign({"a$b": ("time", np.ones(ds.sizes["time"]))})
    found["extra people"] = lambda ds: ds.assign({"people_of_mine": ("time", np.ones(ds.sizes["time"]))})
    return found


def outcomes(run, chosen=CALLS):
    """Output of commands that read a run; a traceback is an error of the test."""
    said = []
    for words in chosen:
        more = ["-o", str(run / "out")] if words[0] == "export" else []
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # of numbers that are none
            got = CliRunner().invoke(main, [words[0], str(run), *words[1:], *more])
        assert got.exception is None or isinstance(got.exception, SystemExit), (words, got.exc_info)
        assert got.exit_code in {0, 1}
        assert "Traceback" not in got.output
        said.append(got)
    return said


VERBS = (
    "drop",
    "flat",
    "moved",
    "units",
    "unit",
    "without",
    "none",
    "one",
    "renamed",
    "twice",
    "back",
    "far",
    "flags",
    "no",
    "local",
    "extra",
)


def kind_of(name):
    """Return the kind of a mutation: what is done, whatever variable or attribute it is done to."""
    first, *rest = name.split(" ")
    if first in VERBS:
        return first
    if first == "attr":
        return first
    return "type" if rest[0] == "as" else "label" if first.startswith("region") else "number"


def one_of_each(names):
    """Return one mutation of each kind, chosen at random."""
    chance = random.Random(5)  # noqa: S311
    return list({kind_of(name): name for name in chance.sample(sorted(names), len(names))}.values())


@pytest.mark.gate  # at each edit: a mutated file, and each kind of wrong value
def test_a_mutated_result_is_read_or_refused_with_a_sentence(good, tmp_path):
    found = mutations(good)
    assert len(found) > 400
    each = one_of_each(found)
    assert {kind_of(name) for name in each} == {kind_of(name) for name in found}
    names = sorted(found) if LONG else each[::2]
    failures = []
    refused = 0
    for number, name in enumerate(names):
        run = tmp_path / str(number)
        run.mkdir()
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                changed = found[name](good)
                for variable in changed.variables.values():
                    variable.encoding = {}
                changed.to_netcdf(run / "result.nc", engine="netcdf4")
        except (ValueError, TypeError, KeyError, RuntimeError):  # not every mutation can be written
            continue
        try:
            said = outcomes(run, [CALLS[number % len(CALLS)], *([["report"]] if LONG else [])])
            refused += said[0].exit_code
        except AssertionError as error:
            failures.append(f"{name}: {str(error)[:300]}")
        shutil.rmtree(run)
    assert not failures, "\n".join(failures)
    assert refused >= (8 if LONG else 4)  # which mutation stands for its kind depends on the variables that there are


def test_a_mutated_file_is_read_or_refused_with_a_sentence(good, tmp_path):
    write_result(good, tmp_path / "good.nc")
    data = (tmp_path / "good.nc").read_bytes()
    chance = random.Random(11)  # noqa: S311
    for number in range(400 if LONG else 12):
        changed = bytearray(data)
        for _ in range(chance.choice([1, 1, 3, 30])):
            changed[chance.randrange(min(len(data), chance.choice([600, 20_000, len(data)])))] = chance.randrange(256)
        if number % 7 == 0:
            changed = changed[: chance.randrange(len(changed))]
        (tmp_path / "result.nc").write_bytes(changed)
        with suppress(gm.InputError), read_result(tmp_path / "result.nc") as found:
            found.attrs.get("title")


def find_all(data, mark):
    """Yield the places of some bytes."""
    place = data.find(mark)
    while place >= 0:
        yield place
        place = data.find(mark, place + 1)


@pytest.mark.gate  # at each edit: a mutated file
def test_values_that_cannot_be_unpacked_are_a_sentence(good, tmp_path):
    write_result(good, tmp_path / "result.nc")
    data = (tmp_path / "result.nc").read_bytes()
    packed = [place for mark in (b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda") for place in find_all(data, mark)]
    said = []
    for place in sorted(packed)[:100]:
        changed = bytearray(data)
        changed[place + 2 : place + 12] = b"\xff" * 10
        (tmp_path / "result.nc").write_bytes(changed)
        said += [got for got in outcomes(tmp_path, CALLS if LONG else [["deadlines"]]) if got.exit_code]
        if said and not LONG:
            break
    assert "cannot be" in said[0].stderr
    assert "damaged" in said[0].stderr or "cannot be read as a result" in said[0].stderr


@pytest.mark.parametrize("dim", ["time", "region", "member", "other"])
def test_a_small_file_that_asks_for_much_memory_is_refused_before_it_gets_any(tmp_path, dim):
    from netCDF4 import Dataset

    with Dataset(tmp_path / "result.nc", "w") as file:
        for name in {"time", "region", "member", dim}:
            file.createDimension(name, 2_000_000_000 if name == dim else 2)
            file.createVariable(name, "f8", (name,), zlib=True, chunksizes=(2,) if name != dim else (1_000_000,))
        file.createVariable("demand_mw", "f8", ("member", "time", "region"), zlib=True, chunksizes=(1, 1, 1))
    assert (tmp_path / "result.nc").stat().st_size < 100_000
    with pytest.raises(gm.InputError, match=r"asks for .* MB"):
        read_result(tmp_path)


@pytest.mark.gate  # at each edit: names on pictures, in `test_network_picture.py`
def test_names_with_dollars_are_drawn_as_they_are(good, tmp_path):
    changed = relabelled("region_name", ["$a$ \\frac{1}{0} $", "100 $", "$\\undefined$"])(good)
    write_result(changed, tmp_path / "result.nc")
    for kind in PLOTS if LONG else PLOTS[1:3]:
        got = CliRunner().invoke(main, ["plot", str(tmp_path), *kind, "-o", str(tmp_path / "x.svg")])
        assert got.exit_code == 0, (kind, got.output, got.exception)


def test_all_that_is_wrong_is_said_at_once(good, tmp_path):
    changed = without("title")(
        attr("timezone", "Nowhere/At_all")(var_attr("shed_mw", "units", "GW")(drop("import_mw")(good)))
    )
    write_result(changed, tmp_path / "result.nc")
    with pytest.raises(gm.InputError) as caught:
        read_result(tmp_path)
    assert {problem.field for problem in caught.value.problems} == {"title", "timezone", "shed_mw", "import_mw"}


@pytest.mark.parametrize(
    "text",
    ['"' * 2_000_000, '"\\' * 1_000_000, '\\"' * 1_000_000, '["' * 500_000, '"a\\\\' * 400_000, '"' + "\\" * 2_000_001],
)
def test_json_is_measured_in_one_pass(text):
    with suppress(gm.InputError):
        check_json(text, "x", most=10)  # quadratic steps would take hours


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    where = tmp_path_factory.mktemp("stores") / "store"
    scenario = gm.load_scenario("three-region").replace(end="2026-01-05 03:00", events=[])
    gm.sweep(scenario, {"import_limit_mw": [100, 200]}, store=where, keep=["shed_mw"])
    return where


def with_hashes_that_fit(store):
    """Write the hashes of a store anew, as a stranger can: they are against accidents."""
    kept = read_sealed(store / HASHES)
    files = {name: hash_bytes((store / name).read_bytes()) for name in kept["files"]}
    (store / HASHES).write_text(sealed({**kept, "files": files}), encoding="utf-8")


@pytest.mark.parametrize(
    "hashes",
    [
        {"files": {"../outside": "x"}}, {"files": {"/etc/passwd": "x"}}, {"files": {"a\x00b": "x"}}, {"files": [1]}, {"files": {}, "arrays": 5},
        {"files": {}, "arrays": ["nothing"]}, {"files": {}, "arrays": ["../store"]}, {"job": 5}, {"arrays": [["shed_mw"]]}, {"arrays": [None]},
    ],
)  # fmt: skip
@pytest.mark.gate  # at each edit: a damaged marker, in `test_sweep_stores.py`
def test_hashes_of_a_stranger_lead_nowhere(store, hashes, tmp_path):
    shutil.copytree(store, tmp_path / "store")
    (tmp_path / "outside").write_text("outside", encoding="utf-8")
    kept = read_sealed(tmp_path / "store" / HASHES)
    (tmp_path / "store" / HASHES).write_text(sealed({**kept, **hashes}), encoding="utf-8")
    with opened() as seen, pytest.raises(gm.InputError):
        gm.open_sweep(tmp_path / "store")
    assert not [one for one in seen if "outside" in one or "passwd" in one]


HUGE = 4_000_000_000


def set_(*path, value):
    def change(about):
        at = about
        for key in path[:-1]:
            at = at[key]
        at[path[-1]] = value

    return change


METADATA = {
    "huge chunk": ("shed_mw", set_("chunk_grid", "configuration", "chunk_shape", value=[1, 1, HUGE, 3, 4])),
    "huge labels": ("region", set_("shape", value=[HUGE])), "huge time": ("time", set_("shape", value=[HUGE])),
    "negative": ("shed_mw", set_("shape", value=[2, 1, -3, 3, 4])), "text shape": ("shed_mw", set_("shape", value="abc")),
    "pickle": ("region", set_("codecs", value=[{"name": "pickle", "configuration": {}}])),
    "numcodecs": ("region", set_("codecs", value=[{"name": "numcodecs.pickle", "configuration": {}}])),
    "type": ("region", set_("data_type", value={"name": "object", "configuration": {}})), "type2": ("region", set_("data_type", value="complex128")),
    "no codecs": ("region", set_("codecs", value=[])), "dims": ("shed_mw", set_("dimension_names", value=["a", "b", "c", "d", "e"])),
    "unit": ("shed_mw", set_("attributes", "units", value="GW")), "node": ("shed_mw", set_("node_type", value=5)),
    "fill": ("shed_mw", set_("fill_value", value={"a": 1})), "version": ("time", set_("zarr_format", value=9)),
    "time units": ("time", set_("attributes", "units", value="minutes since the flood")),
    "job": (".", set_("attributes", "gridmodel_sweep", value="[]")), "job2": (".", set_("attributes", "gridmodel_sweep", value='{"keep": 5}')),
    "job3": (".", set_("attributes", "gridmodel_sweep", value=5)), "title": (".", set_("attributes", "title", value=[1])),
    "zone": (".", set_("attributes", "timezone", value="x")), "steps": (".", set_("attributes", "step_h", value=0)),
}  # fmt: skip


@pytest.mark.parametrize("name", sampled(METADATA, 4, edit=6))
def test_a_mutated_store_is_refused_with_a_sentence(store, name, tmp_path):
    place, change = METADATA[name]
    shutil.copytree(store, tmp_path / "store")
    path = tmp_path / "store" / place / "zarr.json"
    about = json.loads(path.read_text(encoding="utf-8"))
    change(about)
    path.write_text(json.dumps(about), encoding="utf-8")
    with pytest.raises(gm.InputError, match="is damaged"):
        gm.open_sweep(tmp_path / "store")
    with_hashes_that_fit(tmp_path / "store")
    with pytest.raises(gm.InputError):
        gm.open_sweep(tmp_path / "store")
    for words in (
        ["quantiles", str(tmp_path / "store"), "shed_mw", "-o", str(tmp_path / "q.nc")],
        ["sensitivity", str(tmp_path / "store")],
    ):
        got = CliRunner().invoke(main, words)
        assert got.exit_code in {1, 2}, (got.output, got.exception)
        assert got.exception is None or isinstance(got.exception, SystemExit), got.exc_info


@pytest.mark.parametrize("text", ["", "[]", "{", "[" * 100_000, '{"node_type": "array"}', "\x00"])
@pytest.mark.parametrize("place", sampled(["zarr.json", "region/zarr.json", "time/zarr.json"], 2, first=1))
def test_a_store_of_broken_metadata_is_refused(store, text, place, tmp_path):
    shutil.copytree(store, tmp_path / "store")
    (tmp_path / "store" / place).write_text(text, encoding="utf-8")
    with_hashes_that_fit(tmp_path / "store")
    with pytest.raises(gm.InputError):
        gm.open_sweep(tmp_path / "store")


def test_an_untouched_store_is_opened(store):
    assert gm.open_sweep(store)["shed_mw"].sizes["import_limit_mw"] == 2


@pytest.mark.parametrize("name", ["centre_lat", "centre_lon"])
@pytest.mark.parametrize("value", sampled([np.inf, -np.inf, np.nan, 181.0, -1e300], 2, first=0 if LONG else 1))
@pytest.mark.gate  # at each edit: all that is wrong is said at once
def test_a_place_that_is_not_on_earth_is_refused(good, tmp_path, name, value):
    values = good[name].to_numpy().copy()
    values[1] = value
    write_result(good.assign_coords({name: ("region", values)}), tmp_path / "result.nc")
    with pytest.raises(gm.InputError, match=f"{name}: must be degrees from -"):
        read_result(tmp_path)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda ds: ds.isel(time=slice(1)), "time: .* must fill the period that start and end give"),
        (lambda ds: ds.isel(time=slice(1)).assign_attrs(end="2026-01-07 00:00"), "must fill the period"),
        (attr("start", "2026-01-04 00:00"), "must fill the period"), (attr("end", "2027-01-05 06:00"), "must fill the period"),
        (lambda ds: ds.assign_coords(time=ds["time"] + np.timedelta64(3, "h")), "must fill the period"),
        (attr("end", "soon"), "start, end: must be dates and times"), (attr("start", "9999-12-31 23:59"), "must fill|must be dates"),
    ],
    ids=["one step", "one step of two days", "early start", "late end", "shifted", "no date", "far date"],
)  # fmt: skip
def test_times_fill_the_period_that_the_attributes_give(good, tmp_path, change, words):
    write_result(change(good), tmp_path / "result.nc")
    with pytest.raises(gm.InputError, match=words):
        read_result(tmp_path)


@pytest.mark.parametrize(
    ("start", "end"), [("2026-03-28 12:00", "2026-03-29 12:00"), ("2025-10-25 12:00", "2025-10-26 12:00")]
)
def test_a_run_over_a_change_of_clocks_is_read(good, tmp_path, start, end):
    """23 and 25 hours, by the calendar of Kyiv."""
    hours = 23 if "03" in start[5:7] else 25
    first = np.datetime64(f"{start[:10]}T{'10' if hours == 23 else '09'}:00", "ns")
    many = good.isel(time=[0] * hours).assign_coords(time=first + np.arange(hours) * np.timedelta64(1, "h"))
    many = many.assign_attrs(start=start, end=end, timezone="Europe/Kyiv")
    morning = [0, 1, 2, *range(4, 12)] if hours == 23 else [0, 1, 2, 3, *range(3, 12)]
    midnight = np.datetime64(end[:10], "ns")
    local = [np.datetime64(f"{start[:10]}T{hour}:00", "ns") for hour in range(12, 24)]
    local += [midnight + np.timedelta64(hour, "h") for hour in morning]
    many = many.assign_coords(local_time=("time", np.array(local)))
    write_result(many, tmp_path / "result.nc")
    read_result(tmp_path).close()


CLOCKS = {
    "later": lambda local: local + np.timedelta64(1, "h"), "reversed": lambda local: local[::-1], "the same": lambda local: np.full_like(local, local[0]),
    "one hour": lambda local: np.where(np.arange(len(local)) == 3, local[2], local),
}  # fmt: skip
"""Local times that are not those of the clock."""


@pytest.mark.parametrize("name", sampled(CLOCKS, 2, first=1))
def test_local_times_that_are_not_on_the_clock_of_the_result_are_refused(good, tmp_path, name):
    change = CLOCKS[name]
    write_result(good.assign_coords(local_time=("time", change(good["local_time"].to_numpy()))), tmp_path / "result.nc")
    for got in outcomes(tmp_path, [["report"], ["deadlines"]]):
        assert got.exit_code == 1
        assert "local_time: " in got.stderr
        assert "must be the time in UTC, 2026-01-05T0" in got.stderr


def test_a_store_whose_local_times_are_not_on_its_clock_is_refused(store, tmp_path):
    shutil.copytree(store, tmp_path / "store")
    path = tmp_path / "store" / "local_time" / "zarr.json"
    about = json.loads(path.read_text(encoding="utf-8"))
    about["attributes"]["units"] = "hours since 1950-01-01"
    path.write_text(json.dumps(about), encoding="utf-8")
    with_hashes_that_fit(tmp_path / "store")
    with pytest.raises(gm.InputError, match=r"local_time: '1950-.* must be the time in UTC, 2026-01-05T00:00:00"):
        gm.open_sweep(tmp_path / "store")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("shed_mw", np.inf), *(pytest.param(name, value, marks=pytest.mark.long) for name, value in (
            ("shed_mw", 1e300), ("people_without_heat", np.inf), ("people_without_heat", 1e300)
        )),
    ],
)  # fmt: skip
@pytest.mark.gate  # at each edit: all that is wrong is said at once
def test_a_value_beyond_all_that_a_result_has_is_told_by_what_reads_it(good, tmp_path, name, value):
    values = good[name].copy(deep=True)
    values[{"time": 2, "region": 1}] = value
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    write_result(good, tmp_path / "a" / "result.nc")
    write_result(good.assign({name: values}), tmp_path / "b" / "result.nc")
    for got in outcomes(tmp_path / "b", [["report"], ["export", "csv"]]):
        assert got.exit_code == 1
        assert f"{name}: contains infinity, or a number beyond 1e15, which no result has" in got.stderr
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        got = CliRunner().invoke(main, ["compare", str(tmp_path / "a"), str(tmp_path / "b")])
    assert got.exit_code == 1, got.exc_info
    assert f"{name}: contains infinity" in got.stderr
    with read_result(tmp_path / "b") as found, pytest.raises(gm.InputError, match=f"{name}: contains infinity"):
        found[name].load()
    with read_result(tmp_path / "b") as found:
        assert np.array_equal(found[name].isel(time=slice(2)), good[name].isel(time=slice(2)))


def test_what_every_run_has_throughout_is_told_if_it_is_missing(good, tmp_path):
    write_result(good.assign(shed_mw=good["shed_mw"].where(good["time"] != good["time"][1])), tmp_path / "result.nc")
    got = outcomes(tmp_path, [["report"]])[0]
    assert got.exit_code == 1
    assert "shed_mw: is missing in places, though every run has it throughout" in got.stderr


def test_a_region_without_people_is_read_without_a_warning_of_numpy(good, tmp_path):
    write_result(good.assign(population=good["population"] * 0), tmp_path / "result.nc")
    with read_result(tmp_path) as found, warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        for cold in (0.0, 100.0):
            changed = found.assign(people_without_heat=found["people_without_heat"] * 0 + cold)
            assert isinstance(_coldest(changed.isel(region=0), 1), str)


def test_a_comparison_that_fails_leaves_no_file_open(good, tmp_path):
    for name in "ab":
        (tmp_path / name).mkdir()
        write_result(
            good.assign(shed_mw=good["shed_mw"] * (1 if name == "a" else np.inf)), tmp_path / name / "result.nc"
        )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        assert CliRunner().invoke(main, ["compare", str(tmp_path / "a"), str(tmp_path / "b")]).exit_code == 1
    assert not [one for one in Path("/proc/self/fd").iterdir() if str(tmp_path) in os.path.realpath(one)]


@pytest.mark.parametrize("kind", [TypeError, AttributeError, KeyError, NameError])
@pytest.mark.parametrize("check", ["check_result", "with_checked_values"])
def test_a_fault_of_our_own_checks_is_not_told_as_one_of_the_file(run_of_three, monkeypatch, kind, check):
    def fails(*_, **__):
        raise kind("ours")

    monkeypatch.setattr(result_schema, check, fails)
    with pytest.raises(kind, match="ours"):
        read_result(run_of_three)


@pytest.mark.parametrize("kind", [TypeError, AttributeError, KeyError, ValueError, OSError])
def test_whatever_a_library_says_of_a_file_is_told_as_of_the_file(run_of_three, monkeypatch, kind):
    def fails(*_, **__):
        raise kind("of a file")

    monkeypatch.setattr(result_schema.xr, "open_dataset", fails)
    with pytest.raises(gm.InputError, match=r"result\.nc: cannot be read as a result"):
        read_result(run_of_three)
