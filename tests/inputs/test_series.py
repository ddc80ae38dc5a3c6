"""Series by time: what they say, and what is said about those that cannot be."""

import numpy as np
import pytest

import gridmodel as gm
from gridmodel.errors import gathered
from gridmodel.inputs.series import read_series

START, END = np.datetime64("2026-01-05T00:00:00"), np.datetime64("2026-01-05T03:00:00")


def read(tmp_path, text, *, every=True, hourly=True, known=("A", "B")):
    path = tmp_path / "series.csv"
    path.write_text(text)
    return read_series(path, known=known, start=START, end=END, every=every, hourly=hourly)


def said(tmp_path, text, **more):
    with pytest.raises(gm.InputError) as caught:
        read(tmp_path, text, **more)
    return [(problem.row, problem.field, problem.message) for problem in caught.value.problems]


def test_a_value_holds_from_its_time_to_the_next_and_offsets_are_heeded(tmp_path):
    got = read(tmp_path, "time,B\n2026-01-04T23:00,1\n2026-01-05 04:00+02:00,7\n", every=False, hourly=False)
    times = np.datetime64("2026-01-05T00", "s") + np.arange(4) * np.timedelta64(1, "h")
    assert got.at(times)[:, 0].tolist() == [1, 1, 7, 7]
    assert got.at(times[:1] - np.timedelta64(2, "D"))[0, 0] == 1


def test_columns_of_other_regions_and_missing_ones_are_told_together(tmp_path):
    got = said(tmp_path, "A,C,C\n1,2,3\n")
    assert got == [
        (None, "time", "is missing"), (None, "C", "is an unknown column"), (None, "B", "has no column")
    ]  # fmt: skip


def test_cells_that_are_empty_or_no_numbers_are_told_with_their_lines(tmp_path):
    text = "time,A,B\n2026-01-05 00:00,,x\nnoon,1,-4\n2026-01-05 02:00,nan,1e99\n"
    got = said(tmp_path, text)
    assert [(row, field) for row, field, _ in got] == [(2, "A"), (2, "B"), (3, "time"), (3, "B"), (4, "A"), (4, "B")]
    assert got[0][2] == "is empty; a series has no gaps"


def test_header_cells_times_and_the_period_are_told_in_one_pass(tmp_path):
    text = (
        "time,A,A,C,time\n2026-01-05 01:00,1,,x,1\nnoon,-1,1,x,1\n2026-01-05 01:00,2,3,x,1\n2026-01-05 00:30,2,3,x,1\n"
    )
    assert said(tmp_path, text, hourly=False) == [
        (None, "time", "stands in the header twice"), (None, "A", "stands in the header twice"),
        (None, "C", "is an unknown column"), (None, "B", "has no column"), (2, "A", "is empty; a series has no gaps"),
        (3, "time", "is not a time such as 2026-01-08 00:00"), (3, "A", "must be a number from 0 to 10,000,000"),
        (5, "time", "does not come after the time in the row before"),
        (None, "time", "must begin by 2026-01-05T00:00 UTC, the start of the run"),
    ]  # fmt: skip


def test_a_row_that_cannot_be_read_hides_nothing_and_is_no_gap(tmp_path):
    hours = "2026-01-05 00:00,1,1\n2026-01-05 01:00,1\n2026-01-05 02:00,x,1\n"
    assert said(tmp_path, f"time,A,B\n{hours}") == [
        (3, "", "has 2 fields, but the header has 3"), (4, "A", "must be a number from 0 to 10,000,000")
    ]  # fmt: skip


def test_hours_that_lack_or_come_twice_are_told(tmp_path):
    hours = "2026-01-05 {}:00,1,1\n"
    gap = "time,A,B\n" + "".join(hours.format(hour) for hour in ("00", "02", "03"))
    assert [(row, message[:30]) for row, _, message in said(tmp_path, gap)] == [(3, "must be an hour after the row ")]
    twice = "time,A,B\n" + "".join(hours.format(hour) for hour in ("00", "01", "01", "02"))
    assert [(row, message) for row, _, message in said(tmp_path, twice)] == [
        (4, "does not come after the time in the row before")
    ]


@pytest.mark.parametrize(
    ("hours", "message"),
    [
        (("01", "02"), "must begin by 2026-01-05T00:00 UTC"),
        (("00", "01"), "must go on to 2026-01-05T02:00 UTC, the last hour of the run"),
        ((), "must begin"),
    ],
)
def test_a_series_that_does_not_cover_the_run_is_told(tmp_path, hours, message):
    text = "time,A,B\n" + "".join(f"2026-01-05 {hour}:00,1,1\n" for hour in hours)
    assert said(tmp_path, text)[0][2].startswith(message)


def test_a_decimal_comma_in_a_series_is_answered_with_the_number(tmp_path):
    with pytest.raises(gm.InputError, match=r"'960,5' must be a number from 0 to 10,000,000 \(write 960.5\)"):
        read(tmp_path, 'time,A,B\n2026-01-05 00:00,"960,5",1\n2026-01-05 01:00,1,1\n2026-01-05 02:00,1,1\n')


def test_a_series_that_runs_backwards_is_told_once(tmp_path):
    hours = "".join(f"2026-01-05 {hour:02d}:00,1,1\n" for hour in reversed(range(24)))
    assert said(tmp_path, f"time,A,B\n{hours}") == [(2, "time", "runs backwards: sort the rows by time")]


def test_many_problems_of_one_kind_are_shown_as_one_and_few_one_by_one():
    cells = [
        gm.Problem(message="is no number", table="d.csv", row=row, field="A", value=f"{row},5", hint=f"write {row}.5")
        for row in range(2, 50)
    ]
    lone = gm.Problem(message="is no number", table="d.csv", row=7, field="B", value="x")
    lacking = [gm.Problem(message="has no column", table="d.csv", field=f"R{number}") for number in range(4)]
    assert [str(one) for one in gathered([*cells[:1], lone, *cells[1:], *lacking, *lacking])] == [
        "d.csv:2: A: '2,5' is no number (write 2.5; 47 more like it, to line 49)",
        "d.csv:7: B: 'x' is no number",
        "d.csv: R0, R1, R2 and 1 more: has no column",
    ]
    assert gathered([*cells[:3], *lacking[:3]]) == [*cells[:3], *lacking[:3]]
    settings = [gm.Problem(message="is required", field=name) for name in ("name", "network", "weather", "start")]
    assert gathered(settings) == settings  # of no table: of each is said what it is about
