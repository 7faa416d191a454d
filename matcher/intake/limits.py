"""How much a file may hold. Everything here is there to refuse what no placement round needs before it fills the memory.

The largest round the engines are made for (a million students with ten wishes each, 250 MB as CSV) stays below all of them.
"""

from __future__ import annotations

FILE_BYTES = 512 * 2**20
"""One file, and also what an archive (a zip, or an XLSX or ODS workbook) holds when unpacked, all its members together."""

MEMBERS = 2_000
"""Members of an archive. A workbook with a hundred sheets has a few hundred."""

RATIO = 400
"""Unpacked bytes per packed byte of one archive member. A sheet of a hundred thousand equal rows reaches 100; deflate cannot exceed 1,032."""

RATIO_FROM = 2**20
"""Members that unpack to no more than this may have any ratio."""

COLUMNS = 2_000
"""Columns of one table."""

SHEET_CELLS = 10_000_000
"""Cells of the smallest rectangle around everything on a sheet, since that is what reading it takes."""

DOCUMENT_ROWS = 20_000_000
"""Rows of a Parquet file (a small one can claim any number)."""

REMARKS = 1_000
"""Issues of one kind about the rows of one table; the rest is counted."""

HEADER_ROWS = 10
"""Rows at the top among which the header is looked for."""
