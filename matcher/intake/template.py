"""An empty workbook to fill in: a sheet per table with drop-downs, checks and explanations, in the language of the office."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from matcher.errors import CodedError
from matcher.intake import names
from matcher.intake.settings_file import KEYS
from matcher.intake.template_cells import Places, cell_format, choices_of, validation
from matcher.intake.write import replace_file
from matcher.intake.write_workbook import MADE, OPTIONS, write_cell
from matcher.schema import TABLES, Column, Table
from matcher.settings import ELIGIBILITY_RULES, MECHANISMS, RANK_MEASURES, Settings
from matcher.words import LANGUAGES, catalogue, say

_ROWS = {"preferences": 200_000, "rankings": 200_000}
_USUAL_ROWS = 20_000
"""How far down the drop-downs go: they cost nothing, and longer tables still read."""
_INTRODUCTION = ("start", "columns", "notes", "lists", "dates", "own", "check")
_GREEN, _GREY = "#2E7D32", "#9E9E9E"
_WIDTH = 22
_LINE, _LINE_SIGNS = 16, 100
_SETTING_CHOICES = {
    **{f"rules.{rule}": ("hard", "soft", "off") for rule in ELIGIBILITY_RULES},
    "rules.mentor_capacity": ("hard", "off"),
    "rules.overlap": ("hard", "off"),
    "rules.teams": ("period", "path"),
    "rules.unlisted": ("no", "last"),
    "rules.no_wishes": ("any", "skip"),
    "rules.unranked": ("last", "no"),
    "round.language": LANGUAGES,
    "policy.mechanism": MECHANISMS,
    "policy.rank_measure": RANK_MEASURES,
}


def write_template(path: str | Path, language: str = "nl") -> None:
    """Write an empty workbook. Its headers are titles that reading understands without a remark.

    Parameters
    ----------
    path
        A name that ends in `.xlsx`; the file appears only when it is complete.
    language
        nl, en or fr: of headers, drop-downs and explanations.

    Raises
    ------
    CodedError
        The name does not end in `.xlsx`, or it cannot be written there.
    """
    target = Path(path)
    if target.suffix.lower() != ".xlsx":
        raise CodedError("reading.template_kind", name=target.name)
    try:
        replace_file(target, lambda part: _write(part, language))
    except OSError as refused:
        raise CodedError("reading.write_failed", name=target.name, reason=refused.strerror or type(refused).__name__) from refused


def _write(path: Path, language: str) -> None:
    import xlsxwriter

    with xlsxwriter.Workbook(str(path), {**OPTIONS, "constant_memory": False}) as book:
        book.set_properties({"title": say("reading.template.title", language), "created": MADE})
        _write_introduction(book, language)
        places = {name: names.sheet_title(name, language) for name in TABLES}
        for table in TABLES.values():
            _write_table(book, table, places, language)
        _write_settings(book, language)


def _write_introduction(book: Any, language: str) -> None:
    """The read-me sheet: how to fill in, and what each sheet is for."""
    sheet = book.add_worksheet(names.sheet_title("readme", language))
    title, bold, wrap = (
        book.add_format({"bold": True, "font_size": 16}),
        book.add_format({"bold": True, "bottom": 1}),
        book.add_format({"text_wrap": True, "valign": "top"}),
    )
    sheet.hide_gridlines(2)
    _for_paper(sheet)
    sheet.set_row(0, 28)
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 1, 90)
    sheet.set_column(2, 2, 12)
    sheet.write_string(0, 0, say("reading.template.title", language), title)
    for row, line in enumerate(_INTRODUCTION, start=2):
        sheet.merge_range(row, 0, row, 2, say(f"reading.template.{line}", language, quotas=names.sheet_title("quotas", language)), wrap)
        sheet.set_row(row, 2 * _LINE)
    row = len(_INTRODUCTION) + 3
    for position, word in enumerate(("sheet", "what", "needed")):
        sheet.write_string(row, position, say(f"reading.template.{word}", language), bold)
    for name in (*TABLES, "settings"):
        row += 1
        link = names.sheet_title(name, language)
        needed = name in TABLES and TABLES[name].required
        sheet.write_url(row, 0, f"internal:'{link.replace(chr(39), chr(39) * 2)}'!A1", string=link)
        about = say(f"reading.about.{name}", language)
        sheet.write_string(row, 1, about, wrap)
        sheet.set_row(row, _LINE * (1 + len(about) // _LINE_SIGNS))
        sheet.write_string(row, 2, say(f"reading.template.{'yes' if needed else 'no'}", language))


def _for_paper(sheet: Any) -> None:
    """Lay a sheet out so that a print has all columns on one page."""
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)


def _write_table(book: Any, table: Table, places: Places, language: str) -> None:
    """One sheet: headers with comments, and formats and checks for the cells below them."""
    sheet = book.add_worksheet(places[table.name])
    sheet.set_tab_color(_GREEN if table.required else _GREY)
    sheet.freeze_panes(1, 1)
    _for_paper(sheet)
    sheet.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})
    head = {required: book.add_format({"bold": True, "bottom": 1, "bg_color": "#C8E6C9" if required else "#ECEFF1"}) for required in (True, False)}
    last = _ROWS.get(table.name, _USUAL_ROWS)
    for position, column in enumerate(table.columns):
        header = names.title(table.name, column.name, language) + (" *" if column.required else "")
        sheet.set_column(position, position, max(_WIDTH, len(header) + 2), book.add_format(cell_format(column)))
        sheet.write_string(0, position, header, head[column.required])
        sheet.write_comment(0, position, _comment(table, column, language), {"x_scale": 2.2, "y_scale": 1.2})
        rule = validation(table, column, position, places, language)
        if rule is not None:
            sheet.data_validation(1, position, last, position, rule)


def _comment(table: Table, column: Column, language: str) -> str:
    """What belongs in a column: the sentence, the words that may be chosen, and the name that the column has in files."""
    own = f"reading.cell_of.{table.name}.{column.name}"
    parts = [say("reading.template.required", language)] if column.required else []
    parts.append(say(own if own in catalogue() else f"reading.cell.{column.name}", language))
    if column.choices:
        parts.append(", ".join(choices_of(column, language)) + ".")
    parts.append(say("reading.template.format_name", language, name=column.name))
    return "\n".join(parts)


def _write_settings(book: Any, language: str) -> None:
    """All settings with their defaults, each explained."""
    sheet = book.add_worksheet(names.sheet_title("settings", language))
    sheet.set_tab_color(_GREY)
    sheet.freeze_panes(1, 0)
    _for_paper(sheet)
    bold, text = book.add_format({"bold": True, "bottom": 1, "bg_color": "#ECEFF1"}), book.add_format({"num_format": "@"})
    for position, (title, width) in enumerate(zip(names.setting_titles(language), (16, 20, 40, 90), strict=True)):
        sheet.set_column(position, position, width, text if position < 2 else None)  # noqa: PLR2004 - section and key
        sheet.write_string(0, position, title, bold)
    for row, (key, value) in enumerate(_defaults(language), start=1):
        section, _, name = key.rpartition(".")
        sheet.write_string(row, 0, section)
        sheet.write_string(row, 1, name)
        if value not in (None, ""):
            write_cell(sheet, row, 2, value)
        sheet.write_string(row, 3, _about(section, name, language))
        if key in _SETTING_CHOICES:
            sheet.data_validation(row, 2, row, 2, {"validate": "list", "source": list(_SETTING_CHOICES[key])})


def _defaults(language: str) -> Iterator[tuple[str, object]]:
    """Key -> what it is when nobody says otherwise, as a cell."""
    plain = Settings(language=language)
    for key, (field, _) in KEYS.items():
        name, _, entry = field.partition(".")
        if name == "rules":
            yield key, plain.strength(entry)
        elif name == "rule_weights":
            yield key, plain.weight(entry)
        elif isinstance(getattr(plain, name, None), bool):
            yield key, "hard" if getattr(plain, name) else "off"
        elif name != "tier_weights":
            value = getattr(plain.travel if name in ("detour", "speed", "overhead") else plain, name)
            value = value[entry] if entry else value
            yield key, "|".join(value) if isinstance(value, tuple) else value


def _about(section: str, name: str, language: str) -> str:
    kind, _, mode = name.partition("_")
    if section == "rules" and name in ELIGIBILITY_RULES:
        return say("reading.setting.rule", language, rule=say(f"rule.{name}.short", language))
    if section == "rules.weights":
        return say("reading.setting.rule_weight", language, rule=say(f"rule.{name}.short", language))
    if section == "travel" and mode:
        return say(f"reading.setting.{kind}", language, mode=names.choice_words("mode", mode)[language])
    return say(f"reading.setting.{name}", language)
