"""Results that are put together part by part, and handed from process to process in files."""

import resource

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from gridmodel.errors import InputError
from gridmodel.studies.conditioning import handed
from gridmodel.studies.conditioning.assembled import Assembled
from gridmodel.studies.conditioning.handed import Handed

REGIONS = ["A", "B"]


def part(members: int, first: int, steps: int) -> xr.Dataset:
    """Return a result of some members from a step on, with zeros of both signs and gaps in it."""
    rng = np.random.default_rng(first)
    values = rng.choice([0.0, -0.0, np.nan, 1.5, -2.0], (members, steps, 2))
    hours = np.arange(first, first + steps).astype("timedelta64[h]").astype("timedelta64[ns]")
    time = np.datetime64("2026-01-05T00", "ns") + hours
    return xr.Dataset(
        {
            "people": ("region", [7.0, 8.0]),
            "missing_mw": (("member", "time", "region"), values, {"units": "MW"}),
            "warm": (("member", "time"), values[..., 0].astype(np.float32)),
            "air_c": (("time", "region"), rng.random((steps, 2))),
            "drawn": (("member", "setting"), rng.random((members, 1))),
        },
        coords={
            "member": ("member", np.arange(members) + 40, {"units": "1"}), "region": REGIONS, "setting": ["x"],
            "time": time, "local_time": ("time", time + np.timedelta64(2, "h")),
        },
        attrs={"title": "part"},
    )  # fmt: skip


@given(
    likes=st.lists(st.lists(st.integers(0, 3), min_size=4, max_size=6), min_size=2, max_size=2),
    block=st.integers(1, 4), steps=st.tuples(st.integers(1, 3), st.integers(1, 3)),
)  # fmt: skip
@settings(max_examples=30, deadline=None)
def test_parts_that_are_put_in_place_are_those_that_are_joined_to_the_bit(likes, block, steps):
    count = min(map(len, likes))
    whole = Assembled(count, sum(steps))
    expected = []
    for first, many, like in zip((0, steps[0]), steps, likes, strict=True):
        every, now = part(4, first, many), np.array(like[:count])
        for begin in range(0, 4, block):
            rows = np.arange(begin, min(begin + block, 4))
            places = np.flatnonzero((now >= rows[0]) & (now <= rows[-1]))
            if len(places):
                whole.put(every.isel(member=rows), now[places] - begin, places, first)
        expected.append(every.isel(member=now))
    found = whole.dataset()
    one, two = expected
    for name in ("missing_mw", "warm", "air_c"):
        joined = np.concatenate([one[name], two[name]], axis=one[name].dims.index("time"))
        assert found[name].to_numpy().tobytes() == joined.tobytes(), name
    assert found["drawn"].to_numpy().tobytes() == two["drawn"].to_numpy().tobytes()
    assert found["member"].to_numpy().tolist() == list(range(count))
    for name in ("time", "local_time"):
        assert np.array_equal(found[name], np.concatenate([one[name], two[name]]))
    assert list(found.data_vars) == list(one.data_vars)
    assert found["missing_mw"].attrs == {"units": "MW"}
    assert (found["member"].attrs, found.attrs) == ({"units": "1"}, {"title": "part"})


def test_a_result_that_is_handed_over_in_a_file_is_the_same(monkeypatch, tmp_path):
    result = part(3, 0, 5)
    result["texts"] = ("region", np.array(["a", "b"], dtype=object))
    monkeypatch.setattr(handed, "SMALL", 60)
    given_over = Handed.over(result, tmp_path / "block.bin")
    assert set(given_over.large) == {"missing_mw", "air_c"}  # 3 · 5 · 2 · 8 bytes, and 5 · 2 · 8; `warm` has 60
    taken = given_over.taken()
    assert taken.identical(result)
    assert list(taken.data_vars) == list(result.data_vars)
    assert taken["missing_mw"].to_numpy().tobytes() == result["missing_mw"].to_numpy().tobytes()


def test_a_file_that_cannot_be_written_is_told_and_not_left(monkeypatch, tmp_path):
    with pytest.raises(InputError, match="cannot be written: No such file"):
        Handed.over(part(2, 0, 2), tmp_path / "nowhere" / "block.bin")
    monkeypatch.setattr(handed, "SMALL", 0)

    most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20, most[1]))  # as a full disk does, it takes a part of an array
    try:
        with pytest.raises(InputError, match="cannot be written: File too large"):
            Handed.over(part(2, 0, 2), tmp_path / "block.bin")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, most)
    assert not list(tmp_path.iterdir())
