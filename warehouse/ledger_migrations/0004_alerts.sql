-- Alerts as they are lived: no data, late data and errors are states too, one open incident for each rule and labels,
-- and every evaluation keeps its evidence. Nothing was written into the first shape of these tables yet.

DROP TABLE alert_event;
DROP TABLE alert_incident;
DROP TABLE alert_rule;

CREATE TABLE alert_rule (
    id           INTEGER PRIMARY KEY,
    metric       TEXT NOT NULL,
    kind         TEXT NOT NULL,
    side         TEXT NOT NULL,                -- 'above', 'below'
    threshold    REAL NOT NULL,
    period       TEXT NOT NULL,                -- a period word
    compare      TEXT,                         -- a comparison word, for kinds that need one
    filters      TEXT NOT NULL DEFAULT '{}',   -- JSON: dimension → values
    dimensions   TEXT NOT NULL DEFAULT '[]',   -- JSON: one incident for each value of these
    severity     TEXT NOT NULL,
    owner        TEXT NOT NULL,                -- the role that answers for it
    floor        REAL NOT NULL DEFAULT 0,      -- yuan
    hold_seconds INTEGER NOT NULL DEFAULT 0,
    hysteresis   REAL NOT NULL DEFAULT 0.05,
    enabled      INTEGER NOT NULL DEFAULT 1,
    note         TEXT NOT NULL DEFAULT '',
    origin       TEXT NOT NULL DEFAULT '',     -- name of the suggestion it came from, '' when a person made it
    created_at   TEXT NOT NULL,
    created_by   TEXT NOT NULL,
    updated_at   TEXT,
    updated_by   TEXT,
    removed_at   TEXT                          -- a removed rule keeps its history
);
CREATE UNIQUE INDEX alert_rule_by_origin ON alert_rule (origin) WHERE origin <> '';

CREATE TABLE alert_incident (
    id           INTEGER PRIMARY KEY,
    rule_id      INTEGER NOT NULL REFERENCES alert_rule (id) ON DELETE CASCADE,
    metric       TEXT NOT NULL,
    labels       TEXT NOT NULL,                -- JSON with sorted keys
    severity     TEXT NOT NULL,
    owner        TEXT NOT NULL,
    state        TEXT NOT NULL CHECK (state IN ('pending', 'firing', 'acknowledged', 'resolved', 'late', 'no_data', 'error')),
    reason       TEXT NOT NULL,                -- why it is in this state
    outcome      TEXT NOT NULL,                -- of the last evaluation
    opened_at    TEXT NOT NULL,
    changed_at   TEXT NOT NULL,
    fired_at     TEXT,
    resolved_at  TEXT,
    evaluated_at TEXT NOT NULL,
    value        REAL,
    base         REAL,
    threshold    REAL NOT NULL,
    as_of        TEXT,
    data_version INTEGER NOT NULL,
    detail       TEXT NOT NULL DEFAULT '',
    acknowledged_by   TEXT,
    acknowledged_at   TEXT,
    acknowledged_note TEXT NOT NULL DEFAULT '',
    silenced_until    TEXT
);
CREATE UNIQUE INDEX alert_incident_open ON alert_incident (rule_id, labels) WHERE state <> 'resolved';
CREATE INDEX alert_incident_by_time ON alert_incident (changed_at);

CREATE TABLE alert_event (                     -- every step in an incident's life: who or what, and why
    id           INTEGER PRIMARY KEY,
    incident_id  INTEGER NOT NULL REFERENCES alert_incident (id) ON DELETE CASCADE,
    at           TEXT NOT NULL,
    before       TEXT NOT NULL,
    after        TEXT NOT NULL,
    reason       TEXT NOT NULL,
    actor        TEXT NOT NULL,
    note         TEXT NOT NULL DEFAULT '',
    value        REAL,
    data_version INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX alert_event_by_incident ON alert_event (incident_id);

CREATE TABLE alert_evaluation (                -- what was seen; one row when the outcome or the data moved
    rule_id      INTEGER NOT NULL REFERENCES alert_rule (id) ON DELETE CASCADE,
    at           TEXT NOT NULL,
    labels       TEXT NOT NULL,
    outcome      TEXT NOT NULL,
    reason       TEXT NOT NULL,
    value        REAL,
    base         REAL,
    threshold    REAL NOT NULL,
    as_of        TEXT,
    complete_through TEXT,
    late_sources TEXT NOT NULL DEFAULT '',
    data_version INTEGER NOT NULL,
    detail       TEXT NOT NULL DEFAULT ''
);
CREATE INDEX alert_evaluation_by_rule ON alert_evaluation (rule_id, at);

CREATE TABLE alert_silence (                   -- nothing is told about a rule (or one of its slices) until then
    id           INTEGER PRIMARY KEY,
    rule_id      INTEGER NOT NULL REFERENCES alert_rule (id) ON DELETE CASCADE,
    labels       TEXT,                         -- JSON; null: all of the rule's
    until        TEXT NOT NULL,
    actor        TEXT NOT NULL,
    note         TEXT NOT NULL DEFAULT '',
    created_at   TEXT NOT NULL,
    ended_at     TEXT
);
CREATE INDEX alert_silence_by_rule ON alert_silence (rule_id);
