"""The headers of a table that is handed back."""

from __future__ import annotations

from matcher.intake import names
from matcher.intake.raw import RawTable


def titles(table: RawTable) -> dict[str, str]:
    """Column -> its header: as the person wrote it, where reading that back gives the same column, else the format's own name.

    (Wishes that stood side by side have headers that no longer fit the rows they were laid out in.)
    """
    known = names.vocabulary(table.name)
    written = {str(column): table.headers.get(str(column), str(column)) for column in table.frame.columns}
    return {column: header if header == column or known.column(header) == column else column for column, header in written.items()}
