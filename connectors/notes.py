"""Remarks on a batch in the reader's language."""

from __future__ import annotations

from i18n import text


def note_text(note: str, lang: str = "zh") -> str:
    """A note (`code|name=value|…`) as a sentence; a note without a known code stands for itself."""
    code, *pairs = note.split("|")
    fields = dict(pair.partition("=")[::2] for pair in pairs)
    key = f"notes.{code}"
    sentence = text(key, lang, **fields)
    return note if sentence.startswith(key) else sentence
