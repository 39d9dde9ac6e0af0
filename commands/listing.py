"""`kinds`, `metrics`, `sources`: what can be loaded, what can be asked, and how fresh it is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from commands.outcome import Call, Outcome, as_json, as_table
from config import Settings
from i18n import text


def kinds(call: Call) -> Outcome:
    """Every kind of export file, as it is declared."""
    import connectors

    found = connectors.kinds()
    if call.args.get("json"):
        return Outcome(as_json({"kinds": [_kind(kind) for kind in found]}))
    rows = [[kind.id, kind.zh if call.lang == "zh" else kind.en, kind.platform or "–"] for kind in found]
    return Outcome(as_table([call.text(f"kinds.{name}") for name in ("id", "name", "platform")], rows))


def _kind(kind: Any) -> dict[str, Any]:
    columns = [
        {"field": column.field, "type": column.type, "headers": list(column.headers), "required": column.required}
        for column in kind.columns
    ]
    told = {name: getattr(kind, name) for name in ("id", "zh", "en", "platform", "description_zh", "description_en")}
    return {**told, "columns": columns}


METRIC_FIELDS = (
    "id", "zh", "en", "layer", "unit", "direction", "owner", "definition_zh", "definition_en", "formula", "dimensions",
    "parents", "fact",
)  # fmt: skip


def catalogue() -> list[dict[str, Any]]:
    """Every metric as plain values, in the order of the catalogue."""
    import metrics
    from metrics.knowledge import null_reasons

    known = metrics.catalogue()
    return [
        {name: _plain(getattr(metric, name, None)) for name in METRIC_FIELDS}
        | {"null_reasons": [_reason(code) for code in null_reasons(metric, (known[one] for one in metric.uses))]}
        for metric in known.values()
    ]


def _reason(code: str) -> dict[str, str]:
    return {"code": code} | {lang: text(f"components.reason.{code}", lang) for lang in ("zh", "en")}


@contextmanager
def _defined_here(settings: Settings) -> Iterator[None]:
    """The ledger is read beside a running server: the warehouse stays closed."""
    if not settings.ledger_file.exists():
        yield
        return
    from metrics.catalogue import using
    from metrics.definitions import standing
    from warehouse.ledger import Ledger

    with Ledger.open(settings) as ledger, using(standing(ledger)[0]):
        yield


def metrics(call: Call) -> Outcome:
    """The catalogue with definitions and tree; those that people made in this home too."""
    with _defined_here(call.settings):
        found = catalogue()
    if call.args.get("json"):
        return Outcome(as_json({"metrics": found}))
    rows = [[row["id"], row[call.lang], row["layer"], row["unit"], row["owner"] or "–"] for row in found]
    return Outcome(as_table([call.text(f"metrics.{name}") for name in ("id", "name", "layer", "unit", "owner")], rows))


SEEN = (
    "SELECT source, kind, platform, shop, complete_through, last_loaded_at, last_batch_id FROM source_state"
    " ORDER BY source, kind, platform, shop"
)


def sources(call: Call) -> Outcome:
    """Where data came from and through when they are complete, and which platforms are connected."""
    import connectors

    seen = [
        {name: _time(value) for name, value in row.items()} for row in call.context.warehouse.read(SEEN).to_pylist()
    ]
    known = [
        {name: getattr(source, name) for name in ("name", "platform", "shop")}
        for source in connectors.sources(call.settings)
    ]
    if call.args.get("json"):
        return Outcome(as_json({"sources": seen, "configured": known}))
    columns = ("source", "kind", "platform", "shop", "complete_through", "last_loaded_at")
    rows = [[str(row[name] or "–") for name in columns] for row in seen]
    rows += [[row["name"], "–", row["platform"], row["shop"], "–", "–"] for row in known]
    heads = [call.text(f"sources.{name}") for name in ("source", "kind", "platform", "shop", "through", "loaded")]
    return Outcome(as_table(heads, rows) if rows else call.text("sources.none"))


def _time(value: Any) -> Any:
    return value.isoformat(sep=" ", timespec="seconds") if hasattr(value, "isoformat") else value


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, set | frozenset):
        return sorted(str(item) for item in value)
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)
