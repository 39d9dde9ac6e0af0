"""Confirmed mappings in the ledger: `connectors.MappingStore` for uploads, the inbox folder and commands alike."""

from __future__ import annotations

import json
from typing import Any

from config import now
from warehouse.ledger import Ledger


class LedgerMappings:
    """Kept by the signature of the headers; `columns` holds the whole mapping as JSON."""

    def __init__(self, ledger: Ledger, user: str | None = None) -> None:
        self._ledger, self._user = ledger, user

    def mapping_for(self, header_signature: str) -> str | None:
        row = self._ledger.one("SELECT columns FROM mapping WHERE signature = ?", (header_signature,))
        return str(row["columns"]) if row else None

    def kept(self) -> list[dict[str, Any]]:
        """Every mapping, the newest first: signature, kind, columns, created_at, created_by."""
        return self._ledger.query(
            "SELECT signature, kind, columns, created_at, created_by FROM mapping ORDER BY created_at DESC"
        )

    def forget(self, header_signature: str) -> None:
        """Ask a person again the next time."""
        with self._ledger.transaction():
            self._ledger.execute("DELETE FROM mapping WHERE signature = ?", (header_signature,))

    def save_mapping(self, header_signature: str, mapping_json: str) -> None:
        mapping = json.loads(mapping_json)
        with self._ledger.transaction():
            self._ledger.execute(
                "INSERT INTO mapping (signature, kind, columns, headers, created_at, created_by)"
                " VALUES (?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (signature) DO UPDATE SET kind = excluded.kind, columns = excluded.columns,"
                " headers = excluded.headers, created_at = excluded.created_at, created_by = excluded.created_by",
                (
                    header_signature,
                    mapping["kind"],
                    mapping_json,
                    json.dumps(list(mapping["columns"]), ensure_ascii=False),
                    now().isoformat(timespec="seconds"),
                    self._user,
                ),
            )
