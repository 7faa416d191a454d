"""Every kind of dirt in a cell: what it is read as, what is said of it, and what is proposed."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.intake.cells import dates, numbers, tokens, words
from matcher.intake.checked import check_raw
from matcher.intake.columns import as_text, fold, tidy
from matcher.intake.findings import Locator, Reading
from matcher.intake.typing_cells import type_column
from matcher.schema import TABLES, Column
from tests.intake.raws import NO_WISHES, check_of, issues_of, raw_of

CAPACITY = Column("capacity", "count", required=True, low=0, high=1_000_000)
PAY = Column("pay_month", "number", low=0)
SHARE = Column("remote_share", "number", low=0, high=1)
LAT = Column("lat", "number", low=-90, high=90)
DATE = Column("from", "date")


def typed(texts: list[object], column: Column, table: str = "placements") -> tuple[list[object], Counter[str]]:
    """The values of a column, and the codes of what was said (a note counts its cells)."""
    cells = pd.Series(texts, dtype="str", index=range(2, len(texts) + 2))
    values, issues = type_column(cells, column, Locator.of(table, cells.to_frame()))
    codes: Counter[str] = Counter()
    for issue in issues:
        codes[issue.code] += dict(issue.params).get("count", 1) if issue.severity == "note" else 1  # type: ignore[operator]  # a whole number
    return [None if pd.isna(value) else value for value in values], codes


def judged(reading: Reading) -> tuple[object, str, str | None, bool | None]:
    """Value, code, proposal, safe."""
    fix = reading.fix
    return reading.value, reading.code, fix and fix.value, fix and fix.safe


@pytest.mark.parametrize(
    ("text", "value", "code"),
    [
        ("3", 3, None),
        ("3.0", 3, None),
        ("3,0", 3, "decimal_comma"),
        ("1 200", 1200, "thousands_separator"),
        ("1\u00a0200", 1200, "thousands_separator"),
        ("1.200.000", None, "above_maximum"),
        ("1'200", 1200, "thousands_separator"),
        ("12.345,00", 12345, "thousands_separator"),
        ("1.200", None, "thousands_or_decimal"),
        ("1,200", None, "thousands_or_decimal"),
        ("2 a 3", None, "number_range"),
        ("2-3", None, "number_range"),
        ("2 à 3 plaatsen", None, "number_range"),
        ("3 tot 2", None, "number_range"),
        ("ca. 4", None, "number_about"),
        ("max 5", None, "number_about"),
        ("jusqu’à 5", None, "number_about"),  # noqa: RUF001 - a curly apostrophe, as Word writes it
        ("±3", None, "number_about"),
        ("4 plaatsen", None, "number_with_words"),
        ("4+", None, "number_with_words"),
        ("-1", None, "negative"),
        ("2,5", None, "not_whole"),
        ("2.5", None, "not_whole"),
        ("1e12", None, "above_maximum"),
        ("20260901", None, "above_maximum"),
        ("nan", None, "not_a_number"),
        ("?", None, "not_a_number"),
        ("inf", None, "not_finite"),
        ("1e999", None, "not_finite"),
        ("onbeperkt", None, "not_finite"),
        ("twee", None, "number_unreadable"),
        ("=1+1", None, "number_unreadable"),
    ],
)
def test_capacity(text: str, value: float | None, code: str | None) -> None:
    values, codes = typed(["7", text], CAPACITY)
    assert values == [7, value]
    assert codes == ({code: 1} if code else {})


@pytest.mark.parametrize(
    ("text", "proposal"), [("2 a 3", "2"), ("3-2", "2"), ("ca. 4", "4"), ("max 5", "5"), ("-3", "3"), ("2,5", "2"), ("1.250", "1250"), ("4 pl.", "4")]
)
def test_a_proposal_for_a_capacity_is_never_safe(text: str, proposal: str) -> None:
    reading = numbers.read(text, CAPACITY, numbers.NumberStyle())
    assert reading.severity == "error"
    assert judged(reading)[2:] == (proposal, False)


def test_a_dot_before_three_digits_follows_the_rest_of_the_column() -> None:
    assert typed(["1.250", "0.5", "3"], PAY) == ([1.25, 0.5, 3], {})
    assert typed(["1.250", "980,50"], PAY)[0] == [1250, 980.5]
    assert typed(["1.250", "980", "1100"], PAY) == ([None, 980, 1100], {"thousands_or_decimal": 1})
    assert typed(["50.123"], LAT) == ([50.123], {})


def test_shares_percentages_and_units() -> None:
    assert typed(["0.3", "30%", "30 %", "0,3"], SHARE) == ([0.3, 0.3, 0.3, 0.3], {"number_unit": 2, "decimal_comma": 1})
    assert judged(numbers.read("30", SHARE, numbers.NumberStyle())) == (0.3, "share_percent", "0.3", True)
    assert numbers.read("300", SHARE, numbers.NumberStyle()).code == "above_maximum"
    assert typed(["€ 900", "1 200 EUR", "n.v.t."], PAY) == ([900, 1200, None], {"number_unit": 1, "thousands_separator": 1, "unknown_word": 1})


def test_a_lost_decimal_point_is_found_where_the_others_lie() -> None:
    values, codes = typed(["51.05", "50.9", "511234", "-512"], LAT)
    assert values == [51.05, 50.9, 51.1234, None]
    assert codes == {"decimal_point_lost": 1, "below_minimum": 1}
    assert typed(["51,05", "50,9", "511234"], LAT)[0] == [51.05, 50.9, 51.1234]
    assert typed(["10.1", "11.2", "511234"], LAT)[1] == {"above_maximum": 1}


@pytest.mark.parametrize(
    ("text", "value", "code", "safe"),
    [
        ("2026-09-03", "2026-09-03", None, None),
        ("2026-9-3", "2026-09-03", None, None),
        ("2026-09-03 00:00:00", "2026-09-03", None, None),
        ("2026-09-03T00:00", "2026-09-03", None, None),
        ("03/09/2026", "2026-09-03", "date_order_read", None),
        ("3.9.2026", "2026-09-03", "date_order_read", None),
        ("2026/09/03", "2026-09-03", "date_order_read", None),
        ("3 september 2026", "2026-09-03", "date_words", None),
        ("do 3 sept. 2026", "2026-09-03", "date_words", None),
        ("1er août 2026", "2026-08-01", "date_words", None),
        ("03/09/26", "2026-09-03", "two_digit_year", True),
        ("46268", "2026-09-03", "excel_serial", True),
        ("46268.0", "2026-09-03", "excel_serial", True),
        ("09/23/2026", "2026-09-23", "date_swapped", True),
        ("2026-23-09", "2026-09-23", "date_swapped", True),
        ("31/02/2026", None, "date_impossible", None),
        ("2026-02-30", None, "date_impossible", None),
        ("30 februari 2026", None, "date_impossible", None),
        ("september 2026", None, "date_unreadable", None),
        ("12", None, "date_unreadable", None),
        ("onbekend", None, "unknown_word", None),
        ("2206-09-03", "2206-09-03", "date_far", None),
        ("0026-09-03", "0026-09-03", "date_far", None),
    ],
)
def test_dates(text: str, value: str | None, code: str | None, safe: bool | None) -> None:
    cells = pd.Series(["13/01/2027", text], dtype="str", index=[2, 3])
    days, issues = type_column(cells, DATE, Locator.of("placements", cells.to_frame()))
    assert days.dtype == "datetime64[s]"
    assert (None if pd.isna(days[3]) else str(days[3].date())) == value
    mine = [issue for issue in issues if issue.row == 3 or issue.value == text or (issue.code == code and dict(issue.params).get("count") == 2)]
    assert [issue.code for issue in mine] == ([code] if code else [])
    if safe is not None:
        assert mine[0].fix is not None
        assert (mine[0].fix.value, mine[0].fix.safe, mine[0].severity) == (value, safe, "warning")


def test_a_column_with_the_month_first_is_read_so_and_a_mixed_one_is_refused() -> None:
    assert typed(["09/23/2026", "10/31/2026"], DATE)[1] == {"date_order_read": 2}
    values, codes = typed(["09/23/2026", "03/09/2026"], DATE)
    assert values[1] is None
    assert codes == {"date_swapped": 1, "date_order_unclear": 1}


@pytest.mark.parametrize("text", ["ja", "J", "oui", "yes", "TRUE", "waar", "vrai", "x", "1", "1.0"])
def test_yes(text: str) -> None:
    assert judged(words.read_flag(text)) == (True, "", None, None)


@pytest.mark.parametrize("text", ["nee", "Neen", "non", "no", "false", "onwaar", "faux", "0"])
def test_no(text: str) -> None:
    assert judged(words.read_flag(text)) == (False, "", None, None)


def test_other_flags_are_refused_or_not_known() -> None:
    assert typed(["misschien", "?", None], Column("insured", "flag")) == ([None, None, None], {"flag_unreadable": 1, "unknown_word": 1})


@pytest.mark.parametrize(
    ("table", "column", "text", "choice"),
    [
        ("students", "mode", "Auto", "car"),
        ("students", "mode", "OV", "pt"),
        ("students", "mode", "trein", "pt"),
        ("students", "mode", "te voet", "foot"),
        ("students", "mode", "vélo", "bike"),
        ("students", "status", "werkstudent", "working"),
        ("students", "status", "Werkzoekende", "jobseeker"),
        ("preferences", "target_type", "bedrijf", "company"),
        ("preferences", "target_type", "Regio", "region"),
        ("preferences", "target_type", "maakt niet uit", "any"),
        ("pins", "kind", "vast", "pin"),
        ("pins", "kind", "Verboden", "forbid"),
        ("teams", "kind", "same placement", "same_placement"),
        ("teams", "kind", "niet samen", "apart"),
        ("teams", "kind", "samen", "same_placement"),
        ("staff", "kind", "begeleider", "coach"),
        ("staff", "kind", "trajectbegeleider", "coach"),
        ("staff", "kind", "Eindbeoordelaar", "assessor"),
    ],
)
def test_choices_in_other_words(table: str, column: str, text: str, choice: str) -> None:
    shape = TABLES[table].column(column)
    assert shape is not None
    assert typed([text, None], shape, table) == ([choice, None], {"words_read": 1})


def test_every_choice_that_words_toml_names_is_one_of_the_format() -> None:
    for kind in words._file():
        for table in TABLES.values():
            shape = table.column(kind.rpartition(".")[2])
            if shape is not None and shape.choices and kind in (shape.name, f"{table.name}.{shape.name}"):
                assert set(words.meanings(kind).values()) <= set(shape.choices)


def test_an_unknown_choice_proposes_the_closest() -> None:
    shape = TABLES["students"].column("mode")
    assert shape is not None
    assert judged(words.read_choice("fietss", shape, "students")) == (None, "choice_unknown", "bike", False)
    assert judged(words.read_choice("helikopter", shape, "students")) == (None, "choice_unknown", None, None)


@pytest.mark.parametrize(
    ("text", "rank", "code"),
    [
        *(("1", 1, None), ("1e", 1, "rank_words"), ("2de", 2, "rank_words"), ("1ste", 1, "rank_words"), ("1st", 1, "rank_words"), ("3rd", 3, "rank_words")),
        *(("1ère", 1, "rank_words"), ("keuze 2", 2, "rank_words"), ("2.0", 2, None), ("#3", 3, "rank_words"), ("no", 0, None), ("geen", 0, "rank_words")),
        *(("NEE", 0, "rank_words"), ("x", 0, "rank_words"), ("0", -1, "rank_zero"), ("1.5", -1, "rank_unreadable"), ("-1", -1, "rank_unreadable")),
        *(("eerste", -1, "rank_unreadable"), ("99999", -1, "above_maximum")),
    ],
)
def test_ranks(text: str, rank: int, code: str | None) -> None:
    shape = TABLES["preferences"].column("rank")
    assert shape is not None
    assert typed(["4", text], shape, "preferences") == ([4, rank], {code: 1} if code else {})


@pytest.mark.parametrize(
    ("text", "value", "code"),
    [
        ("nl|fr", "nl|fr", None),
        ("nl | fr", "nl|fr", ""),
        ("|nl||fr|", "nl|fr", ""),
        ("nl|nl", "nl|nl", None),
        ("nl, fr", "nl|fr", "separator_read"),
        ("nl;fr", "nl|fr", "separator_read"),
        ("nl/fr", "nl|fr", "separator_read"),
        ("nl\nfr", "nl|fr", "separator_read"),
        ("nl fr", "nl|fr", "separator_read"),
        ("nl, de", "nl, de", "separator_doubtful"),
        ("none", "none", None),
        ("geen", "none", "words_read"),
        ("none|nl", "none|nl", None),
    ],
)
def test_lists(text: str, value: str, code: str | None) -> None:
    if code is None:
        assert tokens.is_plain(text)
        return
    assert not tokens.is_plain(text)
    assert judged(tokens.read(text, {"nl", "fr"}))[:2] == (value, code)


def test_a_separator_between_unknown_tokens_is_only_a_proposal() -> None:
    reading = tokens.read("nl, de|fr", {"nl", "fr"})
    assert (reading.severity, judged(reading)[2:]) == ("warning", ("nl|de|fr", False))


def test_a_vocabulary_holds_what_stands_alone_or_twice() -> None:
    assert tokens.vocabulary_of(["nl|fr", "de, it", "it; es"]) == {"nl", "fr", "it"}


def test_tokens_that_are_compared_are_spelled_alike() -> None:
    checked = check_of(
        students="student_id,languages\nS1,nl\nS2,NL\nS3,nl|fr", placements="placement_id,capacity,languages\nP1,1,Nl\nP2,1,nl", preferences=NO_WISHES
    )
    told = [issue for issue in checked.issues if issue.code == "token_spelling"]
    assert {(issue.table, issue.row, issue.fix and issue.fix.value, issue.fix and issue.fix.safe) for issue in told} == {
        ("students", 3, "nl", True),
        ("placements", 2, "nl", True),
    }


@given(st.floats(min_value=0, max_value=999, allow_nan=False).map(lambda number: round(number, 2)))
def test_a_decimal_comma_reads_as_a_decimal_point(number: float) -> None:
    assert typed([f"{number:.2f}".replace(".", ",")], PAY)[0] == typed([f"{number:.2f}"], PAY)[0] == [number]


@given(st.dates(min_value=dt.date(1990, 1, 1), max_value=dt.date(2099, 12, 31)))
def test_a_belgian_date_reads_as_the_iso_date(day: dt.date) -> None:
    known = ["31/12/2026"]
    ours = typed([*known, day.strftime("%d/%m/%Y")], DATE)[0][1]
    assert ours == typed([day.isoformat()], DATE)[0][0] == pd.Timestamp(day)


@given(st.dates(min_value=dt.date(1990, 1, 1), max_value=dt.date(2099, 12, 31)))
def test_an_excel_serial_reads_as_the_date_excel_shows(day: dt.date) -> None:
    serial = (day - dt.date(1899, 12, 30)).days
    assert dates.read(str(serial), "dmy").value == np.datetime64(day, "s")


@given(st.text(max_size=30))
def test_tidying_twice_changes_nothing(text: str) -> None:
    assert tidy(tidy(text)) == tidy(text)
    assert fold(fold(text)) == fold(text)


@given(st.sampled_from([column for table in TABLES.values() for column in table.columns]), st.lists(st.text(max_size=12) | st.none(), min_size=1, max_size=4))
def test_no_text_breaks_a_column(column: Column, texts: list[str | None]) -> None:
    cells = pd.Series(texts, dtype="str", index=range(2, len(texts) + 2))
    values, issues = type_column(cells, column, Locator.of("placements", cells.to_frame()))
    assert len(values) == len(texts)
    for issue in issues:
        for language in ("nl", "en", "fr"):
            assert issue.message(language)
            assert issue.todo(language)


def test_typed_columns_give_the_same_round_as_texts() -> None:
    texts = {
        "students": "student_id,mandatory,lat,available_from\nS1,ja,51.1,2026-09-01\nS2,nee,,\nS3,,50.9,2026-09-02",
        "placements": "placement_id,capacity,insured\nP1,3,true\nP2,1,",
        "preferences": "student_id,rank,target_id\nS1,1,P1\nS1,no,P2",
    }
    first = check_of(**texts)
    assert first.round is not None
    raw = raw_of(**texts)
    for name, frame in first.round.tables.items():
        if name != "preferences":
            object.__setattr__(raw.tables[name], "frame", frame)
    again = check_raw(raw)
    assert again.round is not None
    assert again.round.digest == first.round.digest


def test_typed_numbers_that_a_column_cannot_hold_are_reported_with_their_row() -> None:
    raw = raw_of()
    raw.tables["placements"].frame["capacity"] = pd.Series([np.inf, -2.5], index=[2, 3])
    found = {(issue.code, issue.row, issue.value) for issue in check_raw(raw).issues}
    assert found == {("not_finite", 2, "inf"), ("negative", 3, "-2.5")}


def test_lists_and_whole_numbers_from_json_become_texts() -> None:
    cells = pd.Series([["a", "b"], [], 3.0, 2.5, True, None], dtype=object)
    assert as_text(cells).fillna("-").tolist() == ["a|b", "none", "3", "2.5", "True", "-"]


def test_an_empty_required_cell_is_an_error_once() -> None:
    found = issues_of("empty_required", placements="placement_id,capacity\nP1,\n,2\nP3,x")
    assert [(issue.row, issue.column) for issue in found] == [(2, "capacity"), (3, "placement_id")]


@pytest.mark.parametrize(
    "cells",
    [
        pd.Series(["a", None], dtype="category"),
        pd.Series([1, None], dtype="Int64"),
        pd.Series([True, None], dtype="boolean"),
        pd.Series(pd.to_datetime(["2026-09-01 12:00", None]).tz_localize("Europe/Brussels")),
        pd.Series(pd.to_timedelta([1, 2], unit="D")),
        pd.Series([1, {"a": [1]}], dtype=object),
        pd.Series([None, None], dtype=object),
        pd.Series([np.inf, -np.inf]),
        pd.Series([2**64 - 1, 0], dtype="uint64"),
        pd.Series(["", "  "], dtype="str"),
    ],
    ids=["category", "Int64", "boolean", "zoned", "timedelta", "mixed", "nothing", "infinite", "uint64", "blank"],
)
def test_no_type_of_column_breaks_the_check(cells: pd.Series) -> None:
    cells = cells.set_axis([2, 3])
    for name in ("students", "placements", "preferences"):
        for column in TABLES[name].columns:
            raw = raw_of()
            raw.tables[name].frame[column.name] = cells
            checked = check_raw(raw)
            assert (checked.round is None) == bool(checked.errors)
