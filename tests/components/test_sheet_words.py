"""Every value that a table offers has a name in both languages."""

from __future__ import annotations

import pytest

from components.sheet_tables import SHEETS, choices, labels
from tests.components.made import view


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_no_value_of_a_table_is_shown_as_a_key(lang: str) -> None:
    for sheet in SHEETS.values():
        for column in sheet.columns:
            if choices(sheet, column):
                told = labels(view(lang=lang), sheet, column)
                assert told and not [word for word in told.values() if word.startswith("data.")], (sheet.id, column)
