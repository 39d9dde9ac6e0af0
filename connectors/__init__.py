"""How data comes in: files people export, platform interfaces. Knows its platforms, knows no metric."""

from connectors.files import read_archived, read_file
from connectors.kinds import Column, ExportKind, broken_kinds, kind_named, kinds
from connectors.mapping import (
    MappingFile,
    MappingStore,
    Proposal,
    guess_mapping,
    load_mapping,
    remember,
    signature,
)
from connectors.mapping_rows import read_mapped, spec_again
from connectors.mapping_set import SetMapping
from connectors.notes import note_text
from connectors.pulling import pull
from connectors.sources import sources

__all__ = [
    "Column",
    "ExportKind",
    "MappingFile",
    "MappingStore",
    "Proposal",
    "SetMapping",
    "broken_kinds",
    "guess_mapping",
    "kind_named",
    "kinds",
    "load_mapping",
    "note_text",
    "pull",
    "read_archived",
    "read_file",
    "read_mapped",
    "remember",
    "signature",
    "sources",
    "spec_again",
]
