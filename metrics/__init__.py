"""What the facts mean: the catalogue of metrics, and the one door through which every number on a screen comes."""

from metrics.catalogue import Identity, catalogue, tree
from metrics.cohorts import cohorts, repurchase
from metrics.correlation import Correlation, Lag, correlate
from metrics.declare import Metric
from metrics.details import details, labels, lineage
from metrics.diagnosis import Diagnosis, diagnose
from metrics.dimensions import Dimension, dimensions
from metrics.editions import base_of
from metrics.explain import Explanation, Why, explain
from metrics.fake_hits import fake_hits
from metrics.funnel import Leak, Loss, leak, losses
from metrics.paths import Path, path
from metrics.people import CLASSES, SEGMENTS, Cuts
from metrics.periods import resolve_period
from metrics.profiles import profile
from metrics.query import anchor, query
from metrics.reach import reach, targeted
from metrics.reconcile import reconcile
from metrics.restated import Published, has_moved, moved_days, published, restatable
from metrics.segments import Thresholds, moves, rfm, rfm_classes, segments, thresholds
from metrics.slices import Slice
from metrics.sweep import Swept, sweep
from metrics.types import Expected, Period, Query, Result, Scope
from metrics.unusual import Event

__all__ = [
    "CLASSES",
    "SEGMENTS",
    "Correlation",
    "Cuts",
    "Diagnosis",
    "Dimension",
    "Event",
    "Expected",
    "Explanation",
    "Identity",
    "Lag",
    "Leak",
    "Loss",
    "Metric",
    "Path",
    "Period",
    "Published",
    "Query",
    "Result",
    "Scope",
    "Slice",
    "Swept",
    "Thresholds",
    "Why",
    "anchor",
    "base_of",
    "catalogue",
    "cohorts",
    "correlate",
    "details",
    "diagnose",
    "dimensions",
    "explain",
    "fake_hits",
    "has_moved",
    "labels",
    "leak",
    "lineage",
    "losses",
    "moved_days",
    "moves",
    "path",
    "profile",
    "published",
    "query",
    "reach",
    "reconcile",
    "repurchase",
    "resolve_period",
    "restatable",
    "rfm",
    "rfm_classes",
    "segments",
    "sweep",
    "targeted",
    "thresholds",
    "tree",
]
