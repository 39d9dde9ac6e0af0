"""HTML tables that call themselves .xls: older back offices export them."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

import pyarrow as pa

from connectors.reading.sheets import rows_table
from connectors.reading.text import decoded, encoding_of, storable


class _Tables(HTMLParser):
    """Collects the cells of every row of every table of the page."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.rows: list[list[str]] = []
        self._cell: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self._close()
            self._cell = []
            span = dict(attrs).get("colspan") or "1"
            self._span = min(int(span), 200) if span.isdigit() else 1
        elif tag == "br" and self._cell is not None:
            self._cell.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th", "tr", "table"):
            self._close()

    def handle_data(self, data: str) -> None:
        if self._cell is not None:
            self._cell.append(data)

    def _close(self) -> None:
        if self._cell is not None:
            if not self.rows:
                self.rows.append([])
            self.rows[-1] += ["".join(self._cell).strip()] + [""] * (self._span - 1)
            self._cell = None


def read_html(path: Path) -> pa.Table:
    """All rows of the page's tables as one table of strings (columns "0", "1", …)."""
    parser = _Tables()
    for text in decoded(path, encoding_of(path)):
        parser.feed(storable(text))
    parser.close()
    return rows_table([row for row in parser.rows if row])
