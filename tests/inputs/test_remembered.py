"""What was read is found again by the content of files, and by nothing else of them."""

import os

import pytest
import xarray as xr

import gridmodel as gm
from gridmodel.inputs import remembered
from gridmodel.inputs.files import ROOT
from gridmodel.inputs.remembered import Remembered, content_of
from gridmodel.network import read_network
from gridmodel.weather import needed


def test_a_table_that_is_changed_in_place_is_read_anew_although_size_and_time_are_as_before(folder):
    path = folder / "generators.csv"
    assert read_network(folder).tables["generators"]["p_available_mw"].max() == 600
    before = path.stat()
    path.write_text(path.read_text().replace("600,600", "600,590"))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert path.stat().st_size == before.st_size
    assert 590 in read_network(folder).tables["generators"]["p_available_mw"].to_numpy()


def test_a_network_that_was_handed_out_can_be_changed_without_harm_to_the_next(folder):
    first = read_network(folder)
    first.tables["regions"].loc[:, "population"] = 1.0
    first.tables["lines"] = first.tables["lines"].iloc[:0]
    second = read_network(folder)
    assert second.tables["regions"]["population"].min() > 1
    assert len(second.tables["lines"])
    assert (second.name, second.path) == (folder.name, folder)


def test_an_error_is_found_each_time_and_after_it_is_mended_the_network_is_right(folder):
    whole = (folder / "lines.csv").read_text()
    for _ in range(2):
        (folder / "lines.csv").write_text(whole.replace(",TR-1-330,", ",nowhere,", 1))
        with pytest.raises(gm.InputError, match=r"lines\.csv"):
            read_network(folder)
        (folder / "lines.csv").write_text(whole)
        assert len(read_network(folder).tables["lines"])
    (folder / "extra.csv").write_text("a,b\n")
    with pytest.raises(gm.InputError, match=r"extra\.csv: is not a table"):
        read_network(folder)


def test_weather_that_was_handed_out_can_be_changed_and_a_changed_file_is_read_anew(three, tmp_path, monkeypatch):
    asked = []
    whole = needed.read_file
    monkeypatch.setattr(needed, "read_file", lambda *args: asked.append(args) or whole(*args))
    path = tmp_path / "own.csv"
    text = (ROOT / "weather" / "three-region.csv").read_text(encoding="utf-8")
    path.write_text(text, encoding="utf-8")
    scenario = three(weather=str(path))
    first, _ = needed.examine_weather(scenario, None)
    again = first.copy(deep=True)
    first[:] = 99.0
    second, _ = needed.examine_weather(scenario, None)
    xr.testing.assert_identical(second, again)
    assert len(asked) == 1
    path.write_text(text.replace("-10.00", "-11.00", 1), encoding="utf-8")
    third, _ = needed.examine_weather(scenario, None)
    assert len(asked) == 2
    assert not third.equals(second)


def test_only_the_last_few_are_kept_and_nothing_of_links_or_large_files(tmp_path, monkeypatch):
    kept = Remembered(2, list)
    for number in range(3):
        kept.keep(number, [number])
    kept.keep(None, [4])
    assert [kept.get(number) for number in (0, 1, 2, None)] == [None, [1], [2], None]
    (tmp_path / "a").write_text("123456")
    (tmp_path / "link").symlink_to(tmp_path / "a")
    assert content_of([tmp_path / "a"]) is not None
    for name in ("link", "missing", "."):
        assert content_of([tmp_path / name]) is None
    monkeypatch.setattr(remembered, "MAX_BYTES", 5)
    assert content_of([tmp_path / "a"]) is None
