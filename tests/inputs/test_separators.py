"""Our own tables as spreadsheets of many countries save them: semicolons and decimal commas, or tabs."""

import csv
import io
import shutil

import numpy as np
import pandas as pd
import pytest

import gridmodel as gm
from gridmodel.errors import Problems
from gridmodel.events.schema import EVENTS
from gridmodel.inputs.files import ROOT
from gridmodel.inputs.series import read_series
from gridmodel.inputs.tables import Column, Table, parse_table
from gridmodel.inputs.technologies import own_technologies
from gridmodel.network import read_network
from gridmodel.network.schema import TABLES
from gridmodel.results.own_inputs import rows_of
from gridmodel.weather.regions import read_centres

SMALL = Table(
    name="small",
    columns=(
        Column(name="id"), Column(name="mw", kind="number"), Column(name="units", kind="integer", required=False),
        Column(name="share", kind="number", unit="1", low=0.0, high=1.0, required=False), Column(name="note", required=False),
    ),
)  # fmt: skip


def as_saved(text, numbers, *, mark=";", end="\r\n"):
    """Return a table as a spreadsheet saves it in a country of decimal commas; `numbers` are columns of numbers."""
    header, *rows = csv.reader(io.StringIO(text))
    out = io.StringIO()
    writer = csv.writer(out, delimiter=mark, lineterminator=end)
    writer.writerow(header)
    for row in rows:
        cells = zip(header, row, strict=True)
        writer.writerow(
            [
                cell.replace(".", ",") if name in numbers and mark == ";" and not cell.startswith("{") else cell
                for name, cell in cells
            ]
        )
    return "\ufeff" + out.getvalue()


def numbers_of(table, header):
    return {column.name for column in table.fitted(header).columns if column.kind in {"number", "integer"}}


def parsed(text, table=SMALL):
    problems = Problems()
    rows = parse_table(text, table, problems, shown="small.csv")
    return rows.frame, [str(problem) for problem in problems.found]


@pytest.mark.parametrize("mark", [";", "\t"], ids=["semicolons", "tabs"])
@pytest.mark.parametrize("name", ["three-region", "texas-2021"])
def test_a_network_saved_with_other_separators_is_the_same_network(tmp_path, name, mark):
    folder = shutil.copytree(ROOT / "networks" / name, tmp_path / name)
    for table in TABLES.values():
        path = folder / f"{table.name}.csv"
        if path.is_file():
            text = path.read_text(encoding="utf-8")
            header = text.split("\n", 1)[0].strip().split(",")
            path.write_bytes(as_saved(text, numbers_of(table, header), mark=mark).encode())
    plain, saved = read_network(name), read_network(folder)
    for key, frame in plain.tables.items():
        pd.testing.assert_frame_equal(saved.tables[key], frame)
    pd.testing.assert_frame_equal(read_centres(folder), read_centres(name))


def test_own_technologies_are_found_in_a_table_with_semicolons(tmp_path):
    folder = shutil.copytree(ROOT / "networks" / "three-region", tmp_path / "net")
    (folder / "technologies.csv").write_text("id;inertia_s\nown_gas;2,5\n", encoding="utf-8")
    assert own_technologies(str(folder), None) == ("own_gas",)


def test_numbers_have_decimal_commas_beside_semicolons_and_texts_stay_as_they_are():
    frame, said = parsed('id;mw;units;share;note\na;1,5;2,0;12,5 %;"1.5, or 1,5; so"\nb;-3;;0,25;1.5\nc;1e3;;;3,0\n')
    assert said == []
    assert frame["mw"].tolist() == [1.5, -3.0, 1000.0]
    assert frame["units"].tolist()[:1] == [2.0]
    assert frame["share"].tolist()[:2] == [0.125, 0.25]
    assert frame["note"].tolist() == ["1.5, or 1,5; so", "1.5", "3,0"]


@pytest.mark.parametrize("cell", ["1.234,5", "1.234", "0.5", "1.234.567", ".5"])
@pytest.mark.parametrize("column", ["mw", "share"])
def test_a_point_beside_semicolons_is_refused_since_it_may_part_thousands(cell, column):
    row = f"a;{cell};" if column == "mw" else f"a;1;{cell}"
    _, said = parsed(f"id;mw;share\n{row}\n")
    assert said == [
        f"small.csv:2: {column}: '{cell}' is not a number (semicolons separate the columns: write numbers with a decimal "
        "comma and without points, such as 0,5 and 1234,5)"
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("id;mw\na;1,2,3\n", "small.csv:2: mw: '1,2,3' is not a number"),
        ("id;mw;share\na;1;1,5\n", "small.csv:2: share: '1,5' must be at most 1"),
        ("id\tmw\na\t1,5\n", "small.csv:2: mw: '1,5' is not a number (write 1.5)"),
        ("id;mw\na;1;2\n", "small.csv:2: has 3 fields, but the header has 2"),
        ("id|mw\na|1\n", "small.csv:1: separates columns by bars; they must be separated by commas "
         "(save it as CSV with commas between columns, and points in numbers)"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_it_is_told_as_in_any_table(text, said):
    assert parsed(text)[1] == [said]


def test_a_distribution_in_a_cell_keeps_its_points(three, tmp_path):
    cells = "2026-01-05 06:00;TR-1/heat_source;outage;{uniform: [0.2, 0.4]};2,5"
    (tmp_path / "ev.csv").write_text(f"time;target;kind;share;duration_h\n{cells}\n", encoding="utf-8")
    (tmp_path / "commas.csv").write_text(
        'time,target,kind,share,duration_h\n2026-01-05 06:00,TR-1/heat_source,outage,"{uniform: [0.2, 0.4]}",2.5\n'
    )
    first, second = (gm.run(three(events=str(tmp_path / name))) for name in ("ev.csv", "commas.csv"))
    assert not first.drop_attrs().equals(gm.run(three()).drop_attrs())
    assert first.drop_attrs().equals(second.drop_attrs())


def test_rows_of_events_are_handed_on_with_points_in_numbers(tmp_path):
    text = "time,target,kind,share,duration_h\n2026-01-05 06:00,TR-1/heat_source,outage,0.5,3\n"
    (tmp_path / "a.csv").write_text(text)
    (tmp_path / "b.csv").write_text(
        as_saved(text, numbers_of(EVENTS, text.split("\n", maxsplit=1)[0].split(","))), encoding="utf-8"
    )
    assert rows_of(tmp_path / "b.csv") == rows_of(tmp_path / "a.csv")


def series(tmp_path, text):
    (tmp_path / "s.csv").write_text(text, encoding="utf-8")
    first = np.datetime64("2026-01-05")
    return read_series(tmp_path / "s.csv", known=["wind", "solar"], start=first, end=first + np.timedelta64(1, "h"),
                       every=False, hourly=False, factors=["solar"])  # fmt: skip


def test_a_series_with_semicolons_is_read_and_a_point_in_it_refused(tmp_path):
    made = series(tmp_path, "time;wind;solar\n2026-01-05 00:00;12,5;0,25\n2026-01-05T01:00:00.0;3;12,5 %\n")
    assert made.at(made.times).tolist() == [[12.5, 0.25], [3.0, 0.125]]
    assert series(tmp_path, "time\twind\n2026-01-05\t12.5\n").at(made.times[:1]).tolist() == [[12.5]]
    with pytest.raises(gm.InputError) as told:
        series(tmp_path, "time;wind\n2026-01-05 00:00;1.234,5\n2026-01-05 01:00;1.234\n")
    assert [problem.value for problem in told.value.problems] == ["1.234,5", "1.234"]
    assert all("a decimal comma and without points" in problem.hint for problem in told.value.problems)
