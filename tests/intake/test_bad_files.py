"""Whatever a person brings, reading ends in a round or in one sentence: never a traceback, and never a full memory."""

from __future__ import annotations

import io
import json
import os
import random
import resource
import struct
import zipfile
import zlib
from pathlib import Path

import pandas as pd
import pytest
import xlsxwriter
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from matcher.errors import MatcherError, UnreadableFile
from matcher.intake import limits
from matcher.intake.reading import read_raw
from matcher.words import LANGUAGES

ENDINGS = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".xls", ".ods", ".json", ".parquet", ".zip", ".soi", ".toc", ".toml", ".pdf", "")
SPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STUDENTS = b"student_id,name\nS1,An\nS2,Bo\n"


def refused(path: Path, code: str, status: int) -> UnreadableFile:
    with pytest.raises(UnreadableFile) as caught:
        read_raw(path)
    assert (caught.value.code, caught.value.status) == (code, status)
    for language in LANGUAGES:
        assert len(caught.value.sentence(language)) > 20
    return caught.value


def told(path: Path) -> list[str]:
    """Everything that reading a file says, in all languages: the sentence of the refusal, or those of the issues. Anything else that is raised gets through."""
    try:
        raw = read_raw(path)
    except MatcherError as error:
        return [error.sentence(language) for language in LANGUAGES]
    return [*raw.tables, *(sentence for issue in raw.issues for language in LANGUAGES for sentence in (issue.message(language), issue.todo(language)))]


def put(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def workbook(sheets: dict[str, list[list[object]]]) -> bytes:
    held = io.BytesIO()
    with xlsxwriter.Workbook(held) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
    return held.getvalue()


def repacked(data: bytes, parts: dict[str, bytes]) -> bytes:
    """A workbook with some of its parts replaced."""
    held = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as new:
        for name in {*old.namelist(), *parts}:
            new.writestr(name, parts.get(name) if name in parts else old.read(name))
    return held.getvalue()


def sheet_xml(cells: str, dimension: str = "A1:B2") -> bytes:
    return f'<worksheet xmlns="{SPACE}"><dimension ref="{dimension}"/><sheetData>{cells}</sheetData></worksheet>'.encode()


def packed(members: dict[str, bytes]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return held.getvalue()


BOOK = workbook({"students": [["student_id"], ["S1"]], "placements": [["placement_id", "capacity"], ["P1", 1]]})


def test_a_missing_path_is_named(tmp_path: Path) -> None:
    assert "nergens" in refused(tmp_path / "nergens.csv", "reading.missing", 400).sentence("nl")


def test_a_path_that_no_system_can_open_is_refused() -> None:
    refused(Path("a\0b.csv"), "reading.no_access", 400)
    refused(Path("x" * 5000), "reading.no_access", 400)


@pytest.mark.parametrize("ending", ENDINGS[:-4])
def test_an_empty_file_is_refused_whatever_it_is_called(tmp_path: Path, ending: str) -> None:
    refused(put(tmp_path, f"students{ending}", b""), "reading.empty", 400)
    refused(put(tmp_path, f"students{ending}", b"\xef\xbb\xbf \r\n"), "reading.empty", 400)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"%PDF-1.7\n%\xe2\xe3", "PDF"),
        (b"\x89PNG\r\n\x1a\n....", "PNG"),
        (b"{\\rtf1 hallo}", "RTF"),
        (b"\x1f\x8b\x08\0....", "gzip"),
        (b"\xff\xd8\xff\xe0..", "JPEG"),
    ],
)
@pytest.mark.parametrize("ending", [".xlsx", ".csv", ".pdf", ".json", ""])
def test_a_file_is_judged_by_its_content_and_not_by_its_name(tmp_path: Path, data: bytes, kind: str, ending: str) -> None:
    assert kind in refused(put(tmp_path, f"students{ending}", data), "reading.kind", 415).sentence("fr")


def test_other_office_files_are_told_by_name(tmp_path: Path) -> None:
    for part, kind in (("word/document.xml", "Word"), ("ppt/presentation.xml", "PowerPoint"), ("xl/workbook.bin", "XLSB")):
        path = put(tmp_path, "ronde.xlsx", packed({"[Content_Types].xml": b"<x/>", part: b"<x/>"}))
        assert kind in refused(path, "reading.kind", 415).sentence()
    refused(put(tmp_path, "ronde.ods", packed({"mimetype": b"application/vnd.oasis.opendocument.text"})), "reading.kind", 415)
    refused(put(tmp_path, "brief.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "WordDocument".encode("utf-16-le")), "reading.kind", 415)


def test_a_web_page_that_is_called_a_workbook_is_told(tmp_path: Path) -> None:
    refused(put(tmp_path, "export.xls", b"<html><table><tr><td>student_id</td></tr></table></html>"), "reading.markup", 415)
    refused(put(tmp_path, "export.xls", b'<?xml version="1.0"?><Workbook/>'), "reading.markup", 415)


@pytest.mark.parametrize("ending", [".xlsx", ".ods", ".parquet", ".zip"])
def test_a_text_that_is_called_something_else_is_told(tmp_path: Path, ending: str) -> None:
    refused(put(tmp_path, f"students{ending}", STUDENTS), "reading.not_what_it_says", 415)


def test_a_workbook_with_a_password_is_told(tmp_path: Path) -> None:
    locked = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1000) + "EncryptedPackage".encode("utf-16-le") + bytes(1000)
    refused(put(tmp_path, "ronde.xlsx", locked), "reading.password", 400)


def test_a_zip_with_a_password_is_told(tmp_path: Path) -> None:
    data = bytearray(packed({"students.csv": STUDENTS}))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    refused(put(tmp_path, "ronde.zip", bytes(data)), "reading.password", 400)


def test_a_folder_without_tables_is_refused(tmp_path: Path) -> None:
    refused(tmp_path, "reading.folder_empty", 400)
    put(tmp_path, "notes.md", b"# niets")
    refused(tmp_path, "reading.folder_empty", 400)


def test_a_folder_with_several_workbooks_asks_which(tmp_path: Path) -> None:
    put(tmp_path, "gent.xlsx", BOOK)
    put(tmp_path, "aalst.xlsx", BOOK)
    assert "aalst.xlsx, gent.xlsx" in refused(tmp_path, "reading.folder_several", 400).sentence()


def test_a_folder_or_a_pipe_where_a_table_is_expected_is_refused(tmp_path: Path) -> None:
    (tmp_path / "students.csv").mkdir()
    refused(tmp_path, "reading.no_file", 400)
    os.mkfifo(tmp_path / "pijp.csv")
    refused(tmp_path / "pijp.csv", "reading.no_file", 400)


def test_a_link_to_nowhere_is_refused(tmp_path: Path) -> None:
    (tmp_path / "students.csv").symlink_to(tmp_path / "weg.csv")
    refused(tmp_path, "reading.missing", 400)
    (tmp_path / "placements.csv").symlink_to(tmp_path / "placements.csv")
    refused(tmp_path / "placements.csv", "reading.no_access", 400)


def test_a_workbook_without_a_usable_sheet_is_refused(tmp_path: Path) -> None:
    assert "Blad1" in refused(put(tmp_path, "ronde.xlsx", workbook({"Blad1": [["hallo"]], "Blad2": []})), "reading.no_table", 400).sentence()
    refused(put(tmp_path, "leeg.xlsx", workbook({"students": []})), "reading.no_table", 400)


def test_a_lone_table_nobody_can_name_is_refused(tmp_path: Path) -> None:
    refused(put(tmp_path, "export.csv", b"a;b\n1;2\n"), "reading.no_table", 400)


@pytest.mark.parametrize("ending", ENDINGS)
def test_ten_megabytes_of_noise_are_refused(tmp_path: Path, ending: str) -> None:
    noise = bytes(range(256)) * 4  # every octet, so that no encoding fits
    noise = (noise + random.Random(1).randbytes(2**20 - len(noise))) * 10
    with pytest.raises(UnreadableFile) as caught:
        read_raw(put(tmp_path, f"students{ending}", b"\x01" + noise))
    assert caught.value.status == 415


@pytest.mark.parametrize("keep", [0.02, 0.3, 0.7, 0.95, 0.999])
def test_truncated_files_are_refused(tmp_path: Path, keep: float) -> None:
    for name, data, code in (("ronde.xlsx", BOOK, "reading.broken_zip"), ("ronde.zip", packed({"students.csv": STUDENTS * 50}), "reading.broken_zip")):
        refused(put(tmp_path, name, data[: max(30, int(len(data) * keep))]), code, 400)
    held = io.BytesIO()
    pd.DataFrame({"student_id": ["S1", "S2"]}).to_parquet(held)
    refused(put(tmp_path, "students.parquet", held.getvalue()[: int(len(held.getvalue()) * keep)]), "reading.broken_parquet", 400)


def test_a_workbook_with_broken_parts_is_refused(tmp_path: Path) -> None:
    for part in ("xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/_rels/workbook.xml.rels"):
        refused(put(tmp_path, "ronde.xlsx", repacked(BOOK, {part: b"<broken"})), "reading.broken_workbook", 400)


def bomb(size: int = 2**26) -> bytes:
    """So many blanks, packed, without ever holding them."""
    engine = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return b"".join(engine.compress(b" " * 2**20) for _ in range(size // 2**20)) + engine.flush()


def lying_zip(name: str, deflated: bytes, stated: int, parts: dict[str, bytes] | None = None) -> bytes:
    """An archive with one member that states a size of its own choice."""
    body = bytearray(packed(parts or {}))
    end = body.rindex(b"PK\x05\x06")
    start_of_directory = struct.unpack_from("<I", body, end + 16)[0]
    members, directory = body[:start_of_directory], body[start_of_directory:end]
    label = name.encode()
    local = struct.pack("<4s5H3I2H", b"PK\x03\x04", 20, 0, 8, 0, 33, 0, len(deflated), stated, len(label), 0) + label + deflated
    central = struct.pack("<4s6H3I5H2I", b"PK\x01\x02", 20, 20, 0, 8, 0, 33, 0, len(deflated), stated, len(label), 0, 0, 0, 0, 0, len(members)) + label
    count = directory.count(b"PK\x01\x02") + 1
    total = members + local + directory + central
    return bytes(total) + struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, count, count, len(directory) + len(central), len(members) + len(local), 0)


@pytest.mark.parametrize("stated", [2**26, 100])
def test_a_zip_bomb_is_refused_whatever_size_it_states(tmp_path: Path, stated: int) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    refused(put(tmp_path, "ronde.zip", lying_zip("students.csv", bomb(), stated)), "reading.zip_bomb", 413)
    refused(put(tmp_path, "ronde.xlsx", lying_zip("xl/worksheets/sheet9.xml", bomb(), stated, {"[Content_Types].xml": b"<x/>"})), "reading.zip_bomb", 413)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 40_000  # kilobytes


def test_many_members_that_are_small_each_are_too_much_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = put(tmp_path, "ronde.zip", packed({f"students{number}.csv": b"x" * 200 for number in range(100)}))
    assert path.stat().st_size < 18_000 < 100 * 200
    monkeypatch.setattr(limits, "FILE_BYTES", 18_000)
    refused(path, "reading.zip_size", 413)


def test_too_many_members_are_refused(tmp_path: Path) -> None:
    path = put(tmp_path, "ronde.zip", packed({f"{number}.csv": b"" for number in range(limits.MEMBERS + 1)}))
    refused(path, "reading.zip_members", 413)
    data = bytearray(packed({"students.csv": STUDENTS}))
    struct.pack_into("<I", data, data.rindex(b"PK\x05\x06") + 12, 2**31)
    refused(put(tmp_path, "groot.zip", bytes(data)), "reading.zip_members", 413)


@pytest.mark.parametrize("name", ["../students.csv", "a/../../students.csv", "/etc/students.csv", "C:\\students.csv", "..\\students.csv"])
def test_names_that_lead_out_of_the_folder_are_refused(tmp_path: Path, name: str) -> None:
    refused(put(tmp_path, "ronde.zip", packed({name: STUDENTS})), "reading.zip_path", 400)


def test_a_header_of_a_million_columns_is_refused(tmp_path: Path) -> None:
    wide = ",".join(f"c{number}" for number in range(1_000_000)).encode()
    refused(put(tmp_path, "students.csv", b"student_id," + wide + b"\nS1\n"), "reading.columns", 413)
    refused(put(tmp_path, "students.csv", b"student_id" + b"," * 5000 + b"x\nS1\n"), "reading.columns", 413)
    refused(put(tmp_path, "ronde.json", json.dumps({"students": [{f"c{number}": 1 for number in range(3000)}]}).encode()), "reading.columns", 413)
    refused(put(tmp_path, "students.xlsx", workbook({"students": [["student_id", *range(3000)]]})), "reading.columns", 413)
    held = io.BytesIO()
    pd.DataFrame({f"c{number}": [1] for number in range(3000)}).to_parquet(held)
    refused(put(tmp_path, "students.parquet", held.getvalue()), "reading.columns", 413)


@pytest.mark.parametrize(
    "cells",
    [
        '<row r="1"><c r="A1" t="str"><v>student_id</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
        "<row r='1'><c r='A1'><v>1</v></c></row><row r='1048576'><c r='XFD1048576'><v>1</v></c></row>",
        '<row r="1"><c r = "A1"><v>1</v></c></row><row r="1048576"><c  r = "XFD1048576"><v>1</v></c></row>',
        '<row r="1">' + "<c><v>1</v></c>" * 500 + '</row><row r="1048576"><c><v>1</v></c></row>',
        f'<x:row xmlns:x="{SPACE}" r="1048576"><x:c r="XFD1048576"><x:v>1</x:v></x:c></x:row><row r="1"><c r="A1"><v>1</v></c></row>',
    ],
)
def test_a_giant_sheet_is_refused_before_it_is_read(tmp_path: Path, cells: str) -> None:
    path = put(tmp_path, "ronde.xlsx", repacked(BOOK, {"xl/worksheets/sheet1.xml": sheet_xml(cells)}))
    refused(path, "reading.sheet_size", 413)


def test_a_sheet_that_only_claims_to_be_giant_is_read(tmp_path: Path) -> None:
    cells = '<row r="1"><c r="A1" t="str"><v>student_id</v></c></row><row r="2"><c r="A2" t="str"><v>S1</v></c></row>'
    cells += '<row r="1048576"><c r="XFD1048576" s="1"/></row>'
    path = put(tmp_path, "ronde.xlsx", repacked(BOOK, {"xl/worksheets/sheet1.xml": sheet_xml(cells, "A1:XFD1048576")}))
    assert read_raw(path).tables["students"].frame["student_id"].tolist() == ["S1"]


MANIFEST = b'<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'


def ods(rows: str) -> bytes:
    names = " ".join(f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text"))
    content = f'<office:document-content {names}><office:body><office:spreadsheet><table:table table:name="students">{rows}</table:table>'
    content += "</office:spreadsheet></office:body></office:document-content>"
    return packed({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "content.xml": content.encode(), "META-INF/manifest.xml": MANIFEST})


def ods_cell(text: str, repeat: str = "") -> str:
    return f'<table:table-cell office:value-type="string" {repeat}><text:p>{text}</text:p></table:table-cell>'


def test_an_ods_is_read_and_one_that_repeats_a_cell_for_ever_is_refused(tmp_path: Path) -> None:
    head = f"<table:table-row>{ods_cell('student_id')}</table:table-row><table:table-row>{ods_cell('S1')}</table:table-row>"
    empty = '<table:table-row table:number-rows-repeated="1048570"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
    assert read_raw(put(tmp_path, "ronde.ods", ods(head + empty))).tables["students"].frame["student_id"].tolist() == ["S1"]
    wide = ods_cell("x", repeat='table:number-columns-repeated="16384"')
    many = f'<table:table-row table:number-rows-repeated="1048570">{wide}</table:table-row>'
    refused(put(tmp_path, "ronde.ods", ods(head + many)), "reading.sheet_size", 413)
    refused(put(tmp_path, "ronde.ods", ods("<!DOCTYPE x [<!ENTITY a 'b'>]>" + head)), "reading.broken_workbook", 400)


@pytest.mark.parametrize("broken", ["</table:2able>>eadsheet>", "<table:table-row><table:table-cell>", "</table:table></table:table>", "<!-- -- >"])
def test_markup_that_would_keep_the_reader_going_for_ever_is_refused(tmp_path: Path, broken: str) -> None:
    row = f"<table:table-row>{ods_cell('student_id')}</table:table-row>"
    refused(put(tmp_path, "ronde.ods", ods(row + broken)), "reading.broken_workbook", 400)
    refused(put(tmp_path, "ronde.xlsx", repacked(BOOK, {"xl/worksheets/sheet1.xml": sheet_xml(broken.replace("table:", ""))})), "reading.broken_workbook", 400)


def test_an_old_workbook_that_brings_its_reader_down_takes_nothing_along(tmp_path: Path) -> None:
    """The header of a container whose tables of sectors claim to be as long as numbers go: reading it aborts the process that does so."""
    header = bytearray(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\xff" * 504)
    struct.pack_into("<5H", header, 24, 0x3E, 3, 0xFFFE, 9, 6)
    refused(put(tmp_path, "oud.xls", bytes(header) + "Workbook".encode("utf-16-le") + bytes(2000)), "reading.broken_workbook", 400)


def test_a_parquet_file_of_a_billion_equal_rows_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "DOCUMENT_ROWS", 1000)
    pd.DataFrame({"student_id": ["S1"] * 2000}).to_parquet(tmp_path / "students.parquet")
    refused(tmp_path / "students.parquet", "reading.rows", 413)


@pytest.mark.parametrize("text", ["[]", "[1, 2]", '"students"', "3", "null", "true"])
def test_json_that_is_no_object_is_refused(tmp_path: Path, text: str) -> None:
    refused(put(tmp_path, "ronde.json", text.encode()), "reading.json_shape", 400)


def test_broken_deep_and_double_json_is_refused(tmp_path: Path) -> None:
    assert "2" in refused(put(tmp_path, "ronde.json", b'{"students": [\n{]}'), "reading.json_broken", 400).sentence()
    refused(put(tmp_path, "ronde.json", b'{"students": ' + b"[" * 200_000 + b"]" * 200_000 + b"}"), "reading.json_deep", 400)
    refused(put(tmp_path, "ronde.json", b'{"a": 1' + b"1" * 10_000 + b"}"), "reading.json_broken", 400)
    assert "students" in refused(put(tmp_path, "ronde.json", b'{"students": [], "students": []}'), "reading.json_twice", 400).sentence()


def test_a_file_over_the_limit_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "students.csv"
    with path.open("wb") as file:
        file.truncate(limits.FILE_BYTES + 1)  # a hole: it takes no space on the disk
    refused(path, "reading.file_size", 413)


def test_a_cell_as_large_as_a_file_is_refused(tmp_path: Path) -> None:
    refused(put(tmp_path, "students.csv", b'student_id,name\n"S1' + b"x" * 200_000 + b"\n\nS2,Bo\n"), "reading.csv_broken", 400)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    data=st.binary(max_size=300),
    start=st.sampled_from([b"", b"PK\x03\x04", b"PAR1", b"{", b"student_id,name\n", b"\xff\xfe", b"\xef\xbb\xbf", b"# NUMBER VOTERS: 1\n", b"sep=;\n"]),
    ending=st.sampled_from(ENDINGS),
)
@example(data=b'"', start=b"student_id,name\n", ending=".csv")
@example(data=b'{"students": [{"student_id": "\\ud800"}]}', start=b"", ending=".json")
def test_random_bytes_never_end_in_anything_but_a_round_or_a_sentence(tmp_path: Path, data: bytes, start: bytes, ending: str) -> None:
    assert all(told(put(tmp_path, f"students{ending}", start + data)))


GOOD = {
    "ronde.xlsx": BOOK,
    "ronde.ods": ods(f"<table:table-row>{ods_cell('student_id')}</table:table-row><table:table-row>{ods_cell('S1')}</table:table-row>"),
    "ronde.zip": packed({"students.csv": STUDENTS, "round.toml": b"[round]\nseed = 1\n"}),
    "students.csv": 'student_id;name;lat\r\nS1;"An;\nB";50,1\r\n\r\nS2;é\r\n'.encode("cp1252"),
    "ronde.json": b'{"students": [{"student_id": "S1", "lat": 1.5}], "settings": {"round": {"seed": 1}}}',
    "lijst.soi": b"# NUMBER ALTERNATIVES: 2\n# NUMBER VOTERS: 2\n# ALTERNATIVE NAME 1: Project 0\n# ALTERNATIVE NAME 2: Project 1\n1: 1,2\n1: {1,2}\n",
}
_held = io.BytesIO()
pd.DataFrame({"student_id": ["S1", "S2"], "max_minutes": [1, 2]}).to_parquet(_held)
GOOD["students.parquet"] = _held.getvalue()


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.sampled_from(sorted(GOOD)),
    places=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=6),
    cut=st.floats(0, 1),
)
def test_damaged_files_never_end_in_anything_but_a_round_or_a_sentence(tmp_path: Path, name: str, places: list[tuple[float, int]], cut: float) -> None:
    data = bytearray(GOOD[name])
    for share, octet in places:
        data[int(share * len(data))] = octet
    assert all(told(put(tmp_path, name, bytes(data[: int(len(data) * max(cut, 0.5)) + 1]))))
