"""Rules, incidents and their events in the ledger: rows in, the room's words out. No decision is made here."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from alerts.types import Event, Incident, Judgement, Rule
from errors import UserError
from warehouse.ledger import Ledger

_RULE_FIELDS = (
    "metric",
    "kind",
    "side",
    "threshold",
    "period",
    "compare",
    "severity",
    "owner",
    "floor",
    "hold_seconds",
    "hysteresis",
    "note",
    "origin",
)
_MOMENTS = (
    "opened_at",
    "changed_at",
    "fired_at",
    "resolved_at",
    "evaluated_at",
    "as_of",
    "acknowledged_at",
    "silenced_until",
    "fired_from",
    "fired_until",
)


def labels_key(labels: Mapping[str, str]) -> str:
    """Labels as the text that tells incidents of one rule apart."""
    return json.dumps(dict(sorted(labels.items())), ensure_ascii=False)


def stamp(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None


def _moment(value: str | None) -> datetime | None:
    return datetime.fromisoformat(value) if value else None


# Rules ----------------------------------------------------------------------------------------------------------------


def _rule(row: Mapping[str, Any]) -> Rule:
    filters = {name: tuple(values) for name, values in json.loads(row["filters"]).items()}
    fields = {name: row[name] for name in _RULE_FIELDS}
    return Rule(
        **fields,
        id=row["id"],
        enabled=bool(row["enabled"]),
        filters=filters,
        dimensions=tuple(json.loads(row["dimensions"])),
    )


def rules(ledger: Ledger, *, enabled: bool = False) -> list[Rule]:
    """Every rule that was not removed (or only those switched on), in the order they were made."""
    where = " AND enabled = 1" if enabled else ""
    return [_rule(row) for row in ledger.query(f"SELECT * FROM alert_rule WHERE removed_at IS NULL{where} ORDER BY id")]


def rule(ledger: Ledger, rule_id: int) -> Rule:
    """One rule. Raises `UserError("alert_rule_unknown")`."""
    row = ledger.one("SELECT * FROM alert_rule WHERE id = ? AND removed_at IS NULL", (rule_id,))
    if row is None:
        raise UserError("alert_rule_unknown", id=rule_id)
    return _rule(row)


def write_rule(ledger: Ledger, new: Rule, actor: str, at: datetime) -> Rule:
    """Insert (id 0) or replace a rule; gives it back with its id."""
    values = {name: getattr(new, name) for name in _RULE_FIELDS} | {
        "filters": json.dumps({name: list(kept) for name, kept in new.filters.items()}, ensure_ascii=False),
        "dimensions": json.dumps(list(new.dimensions)),
        "enabled": int(new.enabled),
    }
    if new.id:
        sets = ", ".join(f"{name} = :{name}" for name in values)
        ledger.execute(
            f"UPDATE alert_rule SET {sets}, updated_at = :at, updated_by = :actor WHERE id = :id",
            values | {"at": stamp(at), "actor": actor, "id": new.id},
        )
        return new
    names = ", ".join(values)
    marks = ", ".join(f":{name}" for name in values)
    cursor = ledger.execute(
        f"INSERT INTO alert_rule ({names}, created_at, created_by) VALUES ({marks}, :at, :actor)",
        values | {"at": stamp(at), "actor": actor},
    )
    return replace(new, id=int(cursor.lastrowid or 0))


def remove_rule(ledger: Ledger, rule_id: int, actor: str, at: datetime) -> None:
    """Take a rule away; its incidents stay as history."""
    ledger.execute(
        "UPDATE alert_rule SET removed_at = ?, updated_by = ?, enabled = 0 WHERE id = ?", (stamp(at), actor, rule_id)
    )


def origins(ledger: Ledger) -> set[str]:
    """Names of the suggestions that were ever offered here, removed ones too: they do not come back by themselves."""
    return {row["origin"] for row in ledger.query("SELECT origin FROM alert_rule WHERE origin <> ''")}


# Incidents ------------------------------------------------------------------------------------------------------------


def _incident(row: Mapping[str, Any], known: Mapping[int, Rule]) -> Incident:
    fields = dict(row)
    fields["labels"] = json.loads(fields["labels"])
    for name in _MOMENTS:
        fields[name] = _moment(fields[name])
    return Incident(**fields, rule=known.get(fields["rule_id"]))


def _all_rules(ledger: Ledger) -> dict[int, Rule]:
    return {row["id"]: _rule(row) for row in ledger.query("SELECT * FROM alert_rule")}


def incidents(ledger: Ledger, *, closed: bool = False, limit: int = 500) -> list[Incident]:
    """Open incidents, or (closed) those resolved that had fired, newest first."""
    where = "state = 'resolved' AND fired_at IS NOT NULL" if closed else "state <> 'resolved'"
    rows = ledger.query(
        f"SELECT * FROM alert_incident WHERE {where} ORDER BY changed_at DESC, id DESC LIMIT ?", (limit,)
    )
    known = _all_rules(ledger)
    return [_incident(row, known) for row in rows]


def incident(ledger: Ledger, incident_id: int) -> Incident:
    """One incident. Raises `UserError("alert_unknown")`."""
    row = ledger.one("SELECT * FROM alert_incident WHERE id = ?", (incident_id,))
    if row is None:
        raise UserError("alert_unknown", id=incident_id)
    return _incident(row, _all_rules(ledger))


def write_incident(ledger: Ledger, item: Incident) -> int:
    """Insert (id 0) or replace an incident; gives its id."""
    values: dict[str, Any] = {
        name: value for name, value in asdict(replace(item, rule=None)).items() if name not in ("id", "rule")
    }
    values["labels"] = labels_key(item.labels)
    for name in _MOMENTS:
        values[name] = stamp(values[name])
    if item.id:
        sets = ", ".join(f"{name} = :{name}" for name in values)
        ledger.execute(f"UPDATE alert_incident SET {sets} WHERE id = :id", values | {"id": item.id})
        return item.id
    marks = ", ".join(f":{name}" for name in values)
    cursor = ledger.execute(f"INSERT INTO alert_incident ({', '.join(values)}) VALUES ({marks})", values)
    return int(cursor.lastrowid or 0)


def write_event(ledger: Ledger, event: Event) -> None:
    values = asdict(event) | {"at": stamp(event.at)}
    marks = ", ".join(f":{name}" for name in values)
    ledger.execute(f"INSERT INTO alert_event ({', '.join(values)}) VALUES ({marks})", values)


def events(ledger: Ledger, incident_id: int) -> list[Event]:
    """The life of one incident, oldest first."""
    rows = ledger.query("SELECT * FROM alert_event WHERE incident_id = ? ORDER BY id", (incident_id,))
    return [
        Event(**{name: value for name, value in row.items() if name != "id"} | {"at": _moment(row["at"])})
        for row in rows
    ]


# Evaluations and silences ---------------------------------------------------------------------------------------------


def write_evaluations(ledger: Ledger, judgements: Iterable[Judgement], at: datetime) -> None:
    for judgement in judgements:
        reading = judgement.reading
        ledger.execute(
            "INSERT INTO alert_evaluation VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                judgement.rule.id,
                stamp(at),
                labels_key(reading.labels),
                judgement.outcome,
                judgement.reason,
                reading.value,
                reading.base,
                judgement.rule.threshold,
                stamp(reading.as_of),
                stamp(reading.complete_through),
                ",".join(reading.late_sources),
                reading.data_version,
                reading.error or "",
            ),
        )


def last_evaluation(ledger: Ledger, rule_id: int) -> dict[str, Any] | None:
    """The newest evidence of a rule as a row, None before its first evaluation."""
    return ledger.one(
        "SELECT * FROM alert_evaluation WHERE rule_id = ? ORDER BY at DESC, rowid DESC LIMIT 1", (rule_id,)
    )


def prune(ledger: Ledger, before: datetime) -> int:
    """Drop evaluations older than `before`; gives how many."""
    return ledger.execute("DELETE FROM alert_evaluation WHERE at < ?", (stamp(before),)).rowcount


def silences(ledger: Ledger, at: datetime) -> list[dict[str, Any]]:
    """Silences that hold at `at`: rule_id, labels (text or None), until, actor, note."""
    return ledger.query("SELECT * FROM alert_silence WHERE until > ? AND ended_at IS NULL", (stamp(at),))


def write_silence(
    ledger: Ledger, rule_id: int, labels: str | None, until: datetime, actor: str, note: str, at: datetime
) -> None:
    ledger.execute(
        "INSERT INTO alert_silence (rule_id, labels, until, actor, note, created_at) VALUES (?, ?, ?, ?, ?, ?)",
        (rule_id, labels, stamp(until), actor, note, stamp(at)),
    )
