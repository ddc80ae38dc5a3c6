"""The same network in two formats differs in nothing."""

import warnings
from pathlib import Path

import pytest
from nets import published

import gridmodel as gm
from gridmodel.interchange import write_net


@pytest.fixture(scope="module")
def case(tmp_path_factory):
    """Case 14 as pandapower's JSON, as a MATPOWER case, and as a PyPSA network made of that case."""
    where = tmp_path_factory.mktemp("formats")
    write_net(published("case14"), where / "case.json")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        gm.convert_network(where / "case.json", where / "case.m")
        gm.convert_network(where / "case.m", where / "case.nc")
        gm.convert_network(where / "case.m", where / "again.json")
    return where


@pytest.mark.parametrize("other", ["case.nc", "again.json", "case.json"])
@pytest.mark.gate  # at each edit: a change is found between two formats
def test_a_case_and_what_it_was_converted_to_differ_in_nothing(case, other):
    found = gm.diff_networks(case / "case.m", case / other)
    assert not found, found.rows.to_string()


@pytest.mark.gate  # at each edit: flows of two formats, in `test_files_of_others.py`
def test_a_change_is_still_found_between_two_formats(case):
    text = (case / "case.m").read_text(encoding="utf-8")
    path = Path(case) / "changed.m"
    load = text.split("\n\t")[2].split()[2]  # PD of the second bus
    path.write_text(text.replace(f" {load} ", " 99 ", 1), encoding="utf-8")
    rows = gm.diff_networks(path, case / "case.nc").rows
    assert set(rows["table"]) == {"load"}
    assert rows["before"].tolist() == [99]
