"""Files that are not UTF-8: what is wrong with them is their encoding, not a column."""

import pytest

import gridmodel as gm

ROWS = "\n".join(f"01.12.2026 {hour:02d}:00;-10,5;-12,0" for hour in range(24))
TEXT = f"Дата;Київ;Житомирська\n{ROWS}\n"


def problems(tmp_path, content):
    (tmp_path / "a.csv").write_bytes(content)
    return [str(problem) for problem in gm.check_weather(tmp_path / "a.csv")]


@pytest.mark.parametrize("encoding", ["koi8-u", "iso8859_5", "mac_cyrillic", "cp866"])
def test_a_table_in_another_encoding_is_told_as_that_before_its_columns(tmp_path, encoding):
    found = problems(tmp_path, TEXT.encode(encoding, errors="replace"))
    assert "is not UTF-8" in found[0]
    assert 'save it as "CSV UTF-8"' in found[0]


def test_a_table_in_windows_1251_that_cannot_be_read_is_told_as_that_too(tmp_path):
    assert problems(tmp_path, TEXT.encode("cp1251")) == []
    found = problems(tmp_path, TEXT.replace("Дата", "Колонка").encode("cp1251"))
    assert found[0] == (
        'a.csv: is not UTF-8: read as Windows-1251 (save it as "CSV UTF-8", not as CSV of the language of the computer)'
    )
    assert "must be `time`" in found[1]
    mixed = problems(tmp_path, TEXT.replace("Дата", "Data№").encode("cp1251"))
    assert "is not UTF-8" in mixed[0]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("text", [TEXT, "time,UA-30\n2026-12-01T00:00,-5\n"])
def test_wide_characters_without_a_mark_are_told_as_an_encoding(tmp_path, encoding, text):
    said = 'a.csv: is not UTF-8 text (save it as "CSV UTF-8", not as CSV of the language of the computer)'
    assert problems(tmp_path, text.encode(encoding)) == [said]
