"""CSV as offices write it: delimiters, encodings, titles, empty rows, stray quotation marks."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matcher.intake.csv_files import _fast, read_csv
from matcher.intake.delimiters import layout_of
from matcher.intake.raw import RawRound
from matcher.intake.reading import read_raw


def read(tmp_path: Path, data: bytes | str, name: str = "students.csv", encoding: str = "utf-8") -> RawRound:
    (tmp_path / name).write_bytes(data if isinstance(data, bytes) else data.encode(encoding))
    return read_raw(tmp_path / name)


def codes(raw: RawRound) -> list[str]:
    return [issue.code.removeprefix("reading.") for issue in raw.issues]


def rows(raw: RawRound, table: str = "students") -> dict[int, list[object]]:
    """Row number -> cells, missing ones as None."""
    frame = raw.tables[table].frame
    return {int(row): [None if pd.isna(cell) else cell for cell in cells] for row, cells in zip(frame.index, frame.to_numpy(dtype=object), strict=True)}


PLAIN = {2: ["S1", "Gent"], 3: ["S2", None]}


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "utf-32"])
def test_delimiters_line_ends_and_encodings_make_no_difference(tmp_path: Path, delimiter: str, newline: str, encoding: str) -> None:
    text = newline.join(delimiter.join(row) for row in [("student_id", "postcode"), ("S1", "Genté"), ("S2", "")]) + newline
    raw = read(tmp_path, text, encoding=encoding)
    assert rows(raw) == {2: ["S1", "Genté"], 3: ["S2", None]}
    assert codes(raw) == (["encoding_old"] if encoding == "cp1252" else [])


def test_the_first_line_may_name_the_delimiter(tmp_path: Path) -> None:
    raw = read(tmp_path, "sep=;\r\nstudent_id;postcode\r\nS1;9000,1\r\n")
    assert rows(raw) == {3: ["S1", "9000,1"]}
    assert codes(raw) == []


def test_decimal_commas_and_lists_do_not_mislead_about_the_delimiter(tmp_path: Path) -> None:
    text = "placement_id;lat;lon;programmes\nP1;50,85;4,35;A|B|C\nP2;51,05;3,72;A|B|C\nP3;51,1;3,1;A|B|C\n"
    assert rows(read(tmp_path, text, "placements.csv"), "placements")[2] == ["P1", "50,85", "4,35", "A|B|C"]
    one = "sector_id\nA|B\nC|D\n"
    assert rows(read(tmp_path, one, "sectors.csv"), "sectors") == {2: ["A|B"], 3: ["C|D"]}


def test_titles_above_the_header_and_empty_rows_keep_row_numbers_right(tmp_path: Path) -> None:
    text = "Studenten van campus Gent;;\n;;\n\nStudentnummer;Postcode;\nS1;9000;\n;;\n\nS2;9100;\n;;\n"
    raw = read(tmp_path, text)
    assert rows(raw) == {5: ["S1", "9000"], 8: ["S2", "9100"]}
    assert codes(raw) == ["title_rows"]


def test_signs_that_nobody_sees_and_blanks_around_cells_are_taken_off(tmp_path: Path) -> None:
    raw = read(tmp_path, "\ufeff student_id ,postcode\nS\x001\u00a0, 9000\u200b\n S\u00a02 ,\u00a0\n")
    assert rows(raw) == {2: ["S1", "9000"], 3: ["S 2", None]}


def test_mostly_sound_utf8_stays_utf8_and_says_what_was_lost(tmp_path: Path) -> None:
    raw = read(tmp_path, "student_id,name\nS1,Zoë Lefèvre\nS2,Andr".encode() + b"\xe9\n")
    assert rows(raw)[2] == ["S1", "Zoë Lefèvre"]
    assert codes(raw) == ["encoding_mixed"]


def test_a_line_break_in_a_cell_counts_no_row(tmp_path: Path) -> None:
    raw = read(tmp_path, 'student_id,Opmerking\nS1,"een\ntwee"\nS2,drie\n')
    assert rows(raw) == {2: ["S1", "een\ntwee"], 3: ["S2", "drie"]}
    assert "records" in codes(raw)


def test_quotes_inside_cells_are_read_as_they_are_meant(tmp_path: Path) -> None:
    raw = read(tmp_path, 'student_id,name\nS1,"Jan ""Jef"" Peeters, junior"\nS2,Bakkerij "De Korenaar"\n')
    assert rows(raw) == {2: ["S1", 'Jan "Jef" Peeters, junior'], 3: ["S2", 'Bakkerij "De Korenaar"']}


@pytest.mark.parametrize("end", ["", '"'])
def test_a_quotation_mark_that_is_not_closed_loses_no_row(tmp_path: Path, end: str) -> None:
    raw = read(tmp_path, f'student_id,name\nS1,An\nS2,"Bo\nS3,Cas\nS4,"Dirk"\nS5,Els{end}\n')
    assert list(rows(raw)) == [2, 3, 4, 5, 6]
    assert rows(raw)[6] == ["S5", "Els"]
    issue = next(issue for issue in raw.issues if issue.code == "reading.quote")
    assert (issue.row, issue.severity) == (3, "error")


def test_rows_of_other_lengths_are_told(tmp_path: Path) -> None:
    raw = read(tmp_path, "student_id,postcode\nS1,9000,extra,\nS2\nS3,9100,\n")
    assert rows(raw) == {2: ["S1", "9000"], 3: ["S2", None], 4: ["S3", "9100"]}
    long, short = raw.issues
    assert (long.code, long.row, dict(long.params)["extra"], long.severity) == ("reading.row_too_long", 2, 1, "error")
    assert not any("extra" in long.message(language) for language in ("nl", "fr"))  # cells may hold names
    assert (short.code, dict(short.params)["first"]) == ("reading.rows_short", 3)


def test_thousands_of_equal_problems_are_counted_and_not_listed(tmp_path: Path) -> None:
    raw = read(tmp_path, "student_id,postcode\n" + "S1,2,3\n" * 5000)
    assert len(raw.issues) == 1001
    assert dict(raw.issues[-1].params)["count"] == 4000


def test_an_apostrophe_before_a_formula_is_taken_off_and_others_stay(tmp_path: Path) -> None:
    raw = read(tmp_path, "student_id,name\n'=S1,'t Hooft\n''-x,'@a\n")
    assert rows(raw) == {2: ["=S1", "'t Hooft"], 3: ["'-x", "@a"]}


def test_headers_in_three_languages_are_read_with_a_note_for_each_that_is_no_title(tmp_path: Path) -> None:
    raw = read(tmp_path, "Stamnummer;OPLEIDING;code  postal;Max. reistijd (min);Vrijwilliger\nS1;A;9000;30;ja\n")
    assert raw.tables["students"].frame.columns.tolist() == ["student_id", "programme_id", "postcode", "max_minutes", "Vrijwilliger"]
    assert [(issue.code, issue.column, issue.value) for issue in raw.issues] == [
        ("reading.renamed", "student_id", "Stamnummer"),
        ("reading.column_unknown", "Vrijwilliger", "Vrijwilliger"),
    ]
    assert raw.tables["students"].headers["student_id"] == "Stamnummer"


def test_a_header_with_a_typing_mistake_is_kept_and_suggested(tmp_path: Path) -> None:
    (issue,) = read(tmp_path, "student_id,Poscode\nS1,9000\n").issues
    assert (issue.code, issue.severity, dict(issue.params)["name"]) == ("reading.column_close", "warning", "postcode")


def test_two_headers_for_one_column_are_an_error_unless_one_is_plainly_the_right_one(tmp_path: Path) -> None:
    (issue,) = read(tmp_path, "student_id,studentnummer\nS1,S2\n").issues
    assert (issue.code, issue.severity) == ("reading.column_twice", "error")
    raw = read(tmp_path, "Student,Studentnummer\nJan,S2\n")
    assert rows(raw) == {2: ["Jan", "S2"]}
    assert raw.tables["students"].frame.columns.tolist() == ["Student", "student_id"]
    assert [(issue.code, issue.severity) for issue in raw.issues] == [("reading.column_other", "warning")]
    assert codes(read(tmp_path, "student_id,studentnummer\nS1,\n")) == []


def test_unknown_headers_that_are_equal_get_different_names(tmp_path: Path) -> None:
    raw = read(tmp_path, "student_id,Nota,Nota\nS1,a,b\n")
    assert raw.tables["students"].frame.columns.tolist() == ["student_id", "Nota", "Nota (2)"]
    assert "header_twice" in codes(raw)


def test_a_column_without_a_header_is_left_out_and_told(tmp_path: Path) -> None:
    raw = read(tmp_path, "student_id,,postcode,,\nS1,x,9000,,\n")
    assert rows(raw) == {2: ["S1", "9000"]}
    (issue,) = raw.issues
    assert (issue.code, dict(issue.params)["letters"]) == ("reading.no_header", "B")


def test_a_lone_table_is_told_by_its_headers(tmp_path: Path) -> None:
    raw = read(tmp_path, "placement_id;capacity;company_id\nP1;2;B1\n", "export.csv")
    assert list(raw.tables) == ["placements"]
    assert codes(raw) == ["table_by_headers"]


def test_a_word_for_two_columns_is_decided_by_the_other_column(tmp_path: Path) -> None:
    wishes = read(tmp_path, "student_id,voorkeur,stageplaats\nS1,1,P1\n", "wensen.csv").tables["preferences"].frame
    assert wishes.columns.tolist() == ["student_id", "rank", "target_id"]
    wishes = read(tmp_path, "student_id,rang,keuze\nS1,1,P1\n", "wensen.csv").tables["preferences"].frame
    assert wishes.columns.tolist() == ["student_id", "rank", "target_id"]
    assert "column_doubtful" in codes(read(tmp_path, "student_id,keuze\nS1,1\n", "wensen.csv"))


def test_a_folder_is_read_with_its_settings_and_says_what_it_left(tmp_path: Path) -> None:
    for name, text in {
        "Studenten.csv": "student_id\nS1\n",
        "stageplaatsen.tsv": "placement_id\tcapacity\nP1\t1\n",
        "round.toml": "[round]\nseed = 3\n",
        "notes.md": "x",
        ".hidden.csv": "x",
        "~$slot.xlsx": "x",
        "leeg.csv": " \n",
    }.items():
        (tmp_path / name).write_text(text)
    raw = read_raw(tmp_path)
    assert list(raw.tables) == ["students", "placements"]
    assert raw.settings == "[round]\nseed = 3\n"
    assert [(issue.code, issue.table) for issue in raw.issues] == [("reading.empty_table", "leeg.csv"), ("reading.left_over", "notes.md")]


def test_files_that_are_no_tables_but_known_are_left_without_a_word_and_settings_may_be_a_table(tmp_path: Path) -> None:
    for name, text in {
        "students.csv": "student_id\nS1\n",
        "changes.csv": "table,row\nstudents,2\n",
        "readme.txt": "uitleg",
        "instellingen.csv": "Onderdeel;Instelling;Waarde\nround;seed;3\n",
    }.items():
        (tmp_path / name).write_text(text)
    raw = read_raw(tmp_path)
    assert raw.settings == "[round]\nseed = 3\n"
    assert (list(raw.tables), raw.issues) == (["students"], ())


def test_a_table_that_is_there_twice_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "students.csv").write_text("student_id\nS1\n")
    (tmp_path / "studenten.csv").write_text("student_id\nS2\n")
    (issue,) = read_raw(tmp_path).issues
    assert (issue.code, issue.severity, issue.table) == ("reading.table_twice", "error", "students")


def test_an_optional_table_that_was_not_filled_in_is_as_good_as_none(tmp_path: Path) -> None:
    for name, text in {
        "students.csv": "student_id,programme_id\nS1,A\n",
        "programmes.csv": "programme_id,name\n",
        "placements.csv": "placement_id,capacity\n",
    }.items():
        (tmp_path / name).write_text(text)
    assert list(read_raw(tmp_path).tables) == ["students", "placements"]


cells = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), max_size=6) | st.sampled_from(
    ["", "a b", 'x"y', "a,b", "a;b", "=1", "'", "een\ntwee"]
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    table=st.lists(st.tuples(cells, cells, cells), min_size=1, max_size=12),
    delimiter=st.sampled_from(",;\t"),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
)
def test_what_the_standard_library_writes_is_read_back(table: list[tuple[str, str, str]], delimiter: str, quoting: int) -> None:
    held = io.StringIO()
    csv.writer(held, delimiter=delimiter, quoting=quoting).writerows([("student_id", "name", "postcode"), *table])  # type: ignore[arg-type]  # one of two constants
    sheet = read_csv(held.getvalue().encode(), "students.csv", "students.csv")
    assert sheet is not None
    got = {int(row): [column[at] if isinstance(column[at], str) else "" for column in sheet.columns] for at, row in enumerate(sheet.rows)}
    expected = {}
    for number, record in enumerate(table, start=2):
        texts = [text.strip() for text in record]
        texts = [text[1:] if text.lstrip("'")[:1] in {"=", "+", "-", "@"} and text.startswith("'") else text for text in texts]
        if any(texts):
            expected[number] = texts
    assert got == expected


def test_the_fast_way_gives_way_where_row_numbers_would_be_wrong() -> None:
    for text in (b"student_id,name\nS1,a\n\nS2,b", b'student_id,name\nS1,"a\nb"\nS2,b', b"student_id,name\nS1\nS2,b", b"student_id,name\rS1,a\r\nS2,b"):
        layout = layout_of(text, "x", "students")
        assert layout is not None
        assert _fast(text, layout) is None
    layout = layout_of(b"student_id,name\nS1,a\nS2,\n", "x", "students")
    assert layout is not None
    fast = _fast(b"student_id,name\nS1,a\nS2,\n", layout)
    assert fast is not None
    assert fast[1].tolist() == [2, 3]
