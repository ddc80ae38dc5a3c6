import importlib.util
from datetime import datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from grib_bytes import message

import gridmodel as gm
from gridmodel.weather import check_weather

INSTALLED = importlib.util.find_spec("cfgrib") is not None
LAT, LON = np.array([51.0, 50.0, 49.0]), np.array([30.0, 31.0])
CENTRES = pd.DataFrame({"id": ["A", "B"], "centre_lat": [50.1, 48.9], "centre_lon": [30.1, 30.8]})


def field(hour):
    return 263.15 + hour + np.arange(6).reshape(3, 2) / 10


def grib(hours=4, parameter=167):
    start = datetime(2026, 1, 8)
    return b"".join(message(start + timedelta(hours=h), field(h), LAT, LON, parameter=parameter) for h in range(hours))


@pytest.mark.skipif(INSTALLED, reason="cfgrib is installed")
def test_grib_without_cfgrib_is_refused_and_says_what_to_install(tmp_path):
    (tmp_path / "a.grib").write_bytes(grib())
    with pytest.raises(gm.InputError, match=r"a.grib: is GRIB.*gridmodel\[grib\]"):
        gm.load_weather(tmp_path / "a.grib")


@pytest.mark.skipif(not INSTALLED, reason="needs the extra grib")
def test_grib_on_a_grid_becomes_regions_by_the_nearest_cell(tmp_path):
    (tmp_path / "a.grib").write_bytes(grib())
    data = gm.load_weather(tmp_path / "a.grib", regions=CENTRES)
    # A: 50 N, 30 E is cell (1, 0), 0.2 K above the first; B: 49 N, 31 E is (2, 1), 0.5 K above
    assert np.allclose(data.sel(region="A"), [-9.8, -8.8, -7.8, -6.8], atol=0.006)
    assert np.allclose(data.sel(region="B"), [-9.5, -8.5, -7.5, -6.5], atol=0.006)
    assert str(data["time"].to_numpy()[0]).startswith("2026-01-08T00:00")
    part = gm.load_weather(tmp_path / "a.grib", regions=CENTRES, start="2026-01-08T01:00", end="2026-01-08T03:00")
    assert np.allclose(part.sel(region="A"), [-8.8, -7.8], atol=0.006)


@pytest.mark.skipif(not INSTALLED, reason="needs the extra grib")
@pytest.mark.parametrize("change", [
    lambda content: content[:100], lambda content: content[: len(content) // 2 + 3], lambda _: b"GRIB" + bytes(60),
    lambda content: content.replace(b"7777", b"7778"), lambda content: content[:40] + b"\xff" * 40 + content[80:],
    lambda _: grib(parameter=130),
], ids=["short", "cut", "empty", "no end", "noise", "of pressure levels"])  # fmt: skip
def test_a_damaged_grib_is_refused_with_its_problem_or_read(tmp_path, change):
    (tmp_path / "a.grib").write_bytes(change(grib()))
    for problem in check_weather(tmp_path / "a.grib", regions=CENTRES):
        assert problem.message
    assert not list(tmp_path.glob("*.idx"))
