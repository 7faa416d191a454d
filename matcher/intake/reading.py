"""Reading a round: whatever an office brings, as raw tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath

from matcher.errors import Issue, UnreadableFile
from matcher.intake import names
from matcher.intake.archive import Archive
from matcher.intake.content import PREFLIB_ENDINGS, Content, content_of
from matcher.intake.csv_files import read_csv
from matcher.intake.decode import plain_text
from matcher.intake.documents import read_json
from matcher.intake.files import SETTINGS, File, archive_files, chosen, folder_files, one_file
from matcher.intake.headers import understand
from matcher.intake.parquet import read_parquet
from matcher.intake.raw import RawRound, RawTable
from matcher.intake.settings_text import settings_of
from matcher.intake.sheet import Sheet
from matcher.intake.wide import unfold_wishes
from matcher.intake.workbook import read_workbook
from matcher.progress import OnProgress, Progress, silent, within
from matcher.schema import TABLES


@dataclass(slots=True, eq=False)
class _Found:
    """What the files held, as they are read one by one."""

    sheets: list[Sheet] = field(default_factory=list)
    settings: str | None = None
    issues: list[Issue] = field(default_factory=list)

    def add_settings(self, toml: str, issues: Iterable[Issue] = ()) -> None:
        """Keep the settings; a second set of them is an error."""
        self.issues += issues
        if self.settings is not None:
            self.issues.append(Issue("reading.settings_twice", SETTINGS))
        self.settings = toml


def read_raw(path: str | Path, *, on_progress: OnProgress = silent) -> RawRound:
    """Read a round as it stands.

    Parameters
    ----------
    path
        A folder of CSV, TSV or Parquet files (with or without `round.toml`), a zip of one, a workbook (XLSX, XLSM, ODS, XLS) with a sheet per table, a JSON
        document with the same names, one table alone, or a PrefLib file (.soi, .soc, .toi, .toc). A folder or zip that holds one workbook or document and
        no tables serves as well.

    Returns
    -------
    RawRound
        The tables that could be told, by the names of their sheets or, failing that, by their headers; with an issue for everything that was not plain.

    Raises
    ------
    UnreadableFile
        No table could be read; `status` says whether the file is broken (400), too large (413) or of a kind that holds no tables (415).
    """
    place = Path(path)
    on_progress(Progress("read", 0.0))
    if _is_folder(place):
        raw = _read_files(folder_files(place), place.name, on_progress)
    elif place.suffix.lower() in PREFLIB_ENDINGS:
        from matcher.intake.formats.preflib import read_preflib

        raw = read_preflib(place)
    else:
        raw = _read_one(one_file(place), place.name, on_progress)
    on_progress(Progress("read", 1.0))
    return raw


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def _read_one(data: bytes, name: str, on_progress: OnProgress) -> RawRound:
    content, archive = content_of(data, name)
    if content == "zip" and archive is not None:
        return _read_files(archive_files(archive), name, on_progress)
    found = _Found()
    _add(found, data, name, content, archive, within(on_progress, "read", 0.0, 0.9))
    return _understood(found, name)


def _read_files(files: Sequence[File], where: str, on_progress: OnProgress) -> RawRound:
    wanted, left = chosen(files, where)
    found = _Found()
    for number, file in enumerate(wanted):
        low, high = (0.9 * done / len(wanted) for done in (number, number + 1))
        on_progress(Progress("read", low, file.name))
        data = file.read()
        if (data[:1024].isspace() and data.isspace()) or not data:
            found.issues.append(Issue("reading.empty_table", file.name, "warning"))
            continue
        content, archive = content_of(data, file.name)
        _add(found, data, file.name, content, archive, within(on_progress, "read", low, high))
    found.issues += [Issue("reading.left_over", file.name, "note", value=file.name) for file in left]
    return _understood(found, where)


def _add(found: _Found, data: bytes, name: str, content: Content, archive: Archive | None, tell: Callable[[float], None]) -> None:
    """Read one file into what was found; `tell` hears how much of it is read."""
    if content == "csv":
        sheet = read_csv(data, name, name, tell)
        _add_sheets(found, [] if sheet is None else [sheet])
    elif content == "parquet":
        found.sheets.append(read_parquet(data, name, name, tell))
    elif content == "json":
        document = read_json(data, name)
        found.sheets += document.sheets
        found.issues += document.issues
        if document.settings is not None:
            found.add_settings(document.settings)
    elif content == "toml":
        text, _ = plain_text(data, name)
        found.add_settings(text.decode())
    elif content in ("zip", "preflib"):
        raise UnreadableFile("reading.kind", status=415, name=name, kind=content)
    else:
        _add_sheets(found, read_workbook(data, name, content, archive))


def _add_sheets(found: _Found, sheets: Iterable[Sheet]) -> None:
    for sheet in sheets:
        if names.table_of(sheet.name)[0] == "settings":
            toml, issues = settings_of(sheet)
            found.add_settings(toml, issues)
        else:
            found.sheets.append(sheet)


def _understood(found: _Found, where: str) -> RawRound:
    """Give each sheet its table, each column its name, and each wish its row."""
    tables: dict[str, RawTable] = {}
    issues = found.issues
    for sheet, table in _assigned(found.sheets, issues):
        if not len(sheet.rows) and not TABLES[table].required:
            continue  # a sheet that was not filled in is as good as none: it must not make every reference to it unknown
        tables[table], noticed = understand(sheet, table)
        issues += noticed
    tables, noticed = unfold_wishes(tables)
    issues = [issue for issue in (*issues, *noticed) if issue.code != "reading.column_unknown" or issue.column in tables[issue.table].frame]
    if not tables:
        raise UnreadableFile("reading.no_table", name=where, names=", ".join(sheet.name for sheet in found.sheets[:10]) or "-")
    return RawRound({name: tables[name] for name in TABLES if name in tables}, found.settings, tuple(issues))


def _assigned(sheets: Sequence[Sheet], issues: list[Issue]) -> Iterator[tuple[Sheet, str]]:
    """Each sheet with its table: first those that are named after one, then those whose names resemble one, then by their headers."""
    taken: dict[str, Sheet] = {}
    later: list[tuple[Sheet, str | None]] = []
    for sheet in sheets:
        table, sure = names.table_of(sheet.name)
        if table is None or (table in TABLES and not sure):
            later.append((sheet, table))
        elif table not in TABLES:
            continue
        elif table in taken:
            issues.append(Issue("reading.table_twice", table, value=sheet.source, params=(("first", taken[table].source), ("second", sheet.source))))
        else:
            taken[table] = sheet
            yield sheet, table
    for sheet, resembled in sorted(later, key=lambda pair: pair[1] is None):
        table = _free(sheet, resembled, taken)
        if table is None:
            issues.append(Issue("reading.left_over", PurePath(sheet.source).name, "note", value=sheet.name))
            continue
        code = "reading.table_by_name" if table == resembled else "reading.table_by_headers"
        issues.append(Issue(code, table, "note", value=sheet.name, params=(("source", sheet.source),)))
        taken[table] = sheet
        yield sheet, table


def _free(sheet: Sheet, resembled: str | None, taken: dict[str, Sheet]) -> str | None:
    """The table that a sheet with an unusual name holds, if no other sheet has it."""
    if resembled is not None and resembled not in taken:
        return resembled
    told = names.table_by_headers(sheet.headers)
    if told == "students" and told in taken and "preferences" not in taken and any(names.wish_number(header) for header in sheet.headers):
        return "preferences"
    return told if told not in taken else None
