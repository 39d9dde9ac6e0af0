"""Where the data are: landing, refining, facts, quarantine, rollups, and the engine that runs SQL over them."""

from warehouse.batch import Batch, Check, Field, Into, LoadReport, RowSpec, TableRows, TextRows
from warehouse.model import FACTS, Fact, Touched
from warehouse.store import Warehouse

__all__ = [
    "FACTS",
    "Batch",
    "Check",
    "Fact",
    "Field",
    "Into",
    "LoadReport",
    "RowSpec",
    "TableRows",
    "TextRows",
    "Touched",
    "Warehouse",
]
