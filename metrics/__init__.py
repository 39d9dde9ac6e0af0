"""What the facts mean: the catalogue of metrics, and the one door through which every number on a screen comes."""

from metrics.catalogue import Identity, catalogue, tree
from metrics.declare import Metric
from metrics.details import details, labels, lineage
from metrics.dimensions import Dimension, dimensions
from metrics.periods import resolve_period
from metrics.query import anchor, query
from metrics.reach import reach, targeted
from metrics.types import Period, Query, Result, Scope

__all__ = [
    "Dimension", "Identity", "Metric", "Period", "Query", "Result", "Scope", "anchor", "catalogue", "details",
    "dimensions", "labels", "lineage", "query", "reach", "resolve_period", "targeted", "tree",
]
