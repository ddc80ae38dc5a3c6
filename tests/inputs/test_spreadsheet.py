"""Cells that a spreadsheet may open: no formula runs, every cell stays in its place, and data read back as they were."""

import csv
import io

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from gridmodel.errors import Problems, is_seen, visible
from gridmodel.inputs.spreadsheet import FORMULAS, csv_text, frame_csv, guarded, protected, unguarded
from gridmodel.inputs.tables import read_rows

cells = st.one_of(
    st.text(max_size=12),
    st.tuples(st.sampled_from([*sorted(FORMULAS), " ", "'"]), st.text(max_size=8)).map("".join),
    st.sampled_from(
        ["=cmd|'/c calc'!A0", "@SUM(1+1)*cmd", "\t=1", " =1", "\n=1", "＝1", "'=1", "-5.2", "+1e3", "--1", "-inf"]
    ),
)


def runs(cell):
    """Whether a spreadsheet would take a cell as a formula."""
    if cell.strip()[:1] not in FORMULAS or not cell.strip():
        return False
    try:
        float(cell)
    except ValueError:
        return True
    return False


@given(cells)
def test_no_cell_runs_and_none_leaves_its_line(cell):
    assert not runs(guarded(cell))
    assert all(is_seen(sign) for sign in guarded(cell))


@given(cells)
def test_protected_texts_come_back(cell):
    if not cell.startswith("'"):
        assert unguarded(protected(cell)) == cell


@given(st.lists(st.lists(cells, min_size=3, max_size=3), max_size=4))
def test_a_table_has_the_rows_and_cells_it_was_given(rows):
    read = list(csv.reader(io.StringIO(csv_text([["a", "b", "c"], *rows]))))
    assert [len(row) for row in read] == [3] * (len(rows) + 1)
    assert not [cell for row in read for cell in row if runs(cell)]


@given(st.lists(cells, min_size=1, max_size=3, unique=True), st.lists(cells, min_size=2, max_size=2))
def test_a_frame_has_guarded_names_index_and_cells_and_its_numbers(names, values):
    frame = pd.DataFrame(dict.fromkeys(names, values), index=pd.Index(values, name="=index")).assign(number=[-1.5, 2.0])
    read = list(csv.reader(io.StringIO(frame_csv(frame))))
    assert not [cell for row in read for cell in row if runs(cell)]
    assert [row[-1] for row in read[1:]] == ["-1.5", "2.0"]


def test_our_own_tables_take_the_guard_away_again():
    header, rows = read_rows("id,name_en\nA,'=SUM(A1)\nB,'quoted'\nC,'-x\n", Problems(), shown="x")
    assert [row[1][1] for row in rows] == ["=SUM(A1)", "'quoted'", "-x"]
    assert header == ["id", "name_en"]


@given(st.text())
def test_what_is_shown_has_no_sign_that_steers(text):
    shown = visible(text)
    assert all(is_seen(sign) for sign in shown)
    assert visible(shown) == shown


def test_letters_of_every_script_are_shown_as_they_are():
    for text in ("Київ, Івано-Франківськ", "Zürich – 5 °C", "北京", "a\u0301", "1\u202f000", "🙂"):
        assert visible(text) == text
    assert (
        visible("a\tb\r\n\x1b]0;x\x07\u202e\u200b\ufeff\U000e0041")
        == "a\\tb\\r\\n\\x1b]0;x\\x07\\u202e\\u200b\\ufeff\\U000e0041"
    )
