-- What people did and were promised. Times are business wall clock as ISO text; JSON columns hold text.

CREATE TABLE users (
    id            INTEGER PRIMARY KEY,
    name          TEXT NOT NULL UNIQUE COLLATE NOCASE,
    role          TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    lang          TEXT,
    created_at    TEXT NOT NULL,
    disabled      INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE sessions (
    token_hash  TEXT PRIMARY KEY,              -- SHA-256 of the cookie's token: a stolen ledger opens no session
    user_id     INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at  TEXT NOT NULL,
    seen_at     TEXT NOT NULL,
    expires_at  TEXT NOT NULL,
    address     TEXT,
    agent       TEXT
);
CREATE INDEX sessions_by_user ON sessions (user_id);

CREATE TABLE login_failures (
    id      INTEGER PRIMARY KEY,
    name    TEXT NOT NULL COLLATE NOCASE,
    address TEXT,
    at      TEXT NOT NULL
);
CREATE INDEX login_failures_by_name ON login_failures (name, at);

CREATE TABLE settings (
    name       TEXT NOT NULL,
    scope      TEXT NOT NULL DEFAULT '',       -- '' for everybody, else a user's name
    value      TEXT NOT NULL,                  -- JSON
    updated_at TEXT NOT NULL,
    updated_by TEXT,
    PRIMARY KEY (name, scope)
);

CREATE TABLE audit (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    at        TEXT NOT NULL,
    actor     TEXT NOT NULL,
    action    TEXT NOT NULL,
    subject   TEXT,
    detail    TEXT NOT NULL DEFAULT '{}',      -- JSON
    address   TEXT,
    previous  TEXT NOT NULL,                   -- chain of the row before; '' for the first
    chain     TEXT NOT NULL                    -- SHA-256 over previous and this row's fields
);
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END;
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END;

CREATE TABLE alert_rule (
    id         INTEGER PRIMARY KEY,
    name       TEXT,
    metric     TEXT NOT NULL,
    kind       TEXT NOT NULL,
    params     TEXT NOT NULL DEFAULT '{}',     -- JSON
    filters    TEXT NOT NULL DEFAULT '{}',     -- JSON: dimension → values
    severity   TEXT NOT NULL DEFAULT 'warning',
    owner      TEXT,
    enabled    INTEGER NOT NULL DEFAULT 1,
    created_at TEXT NOT NULL,
    created_by TEXT,
    updated_at TEXT
);

CREATE TABLE alert_incident (
    id           INTEGER PRIMARY KEY,
    rule_id      INTEGER NOT NULL REFERENCES alert_rule (id) ON DELETE CASCADE,
    state        TEXT NOT NULL CHECK (state IN ('pending', 'firing', 'acknowledged', 'resolved')),
    value        REAL,
    threshold    REAL,
    started_at   TEXT NOT NULL,
    last_seen_at TEXT NOT NULL,
    acked_by     TEXT,
    acked_at     TEXT,
    resolved_at  TEXT,
    data_version INTEGER,
    detail       TEXT NOT NULL DEFAULT '{}'    -- JSON
);
CREATE INDEX alert_incident_by_rule ON alert_incident (rule_id, state);

CREATE TABLE alert_event (                     -- every change of an incident's state, with its reason
    id          INTEGER PRIMARY KEY,
    incident_id INTEGER NOT NULL REFERENCES alert_incident (id) ON DELETE CASCADE,
    at          TEXT NOT NULL,
    state       TEXT NOT NULL,
    actor       TEXT,
    reason      TEXT
);

CREATE TABLE mapping (                         -- a person's answer to a file that nobody knew
    signature  TEXT PRIMARY KEY,               -- of the normalised headers
    kind       TEXT NOT NULL,
    columns    TEXT NOT NULL,                  -- JSON: header → canonical field
    headers    TEXT NOT NULL DEFAULT '[]',     -- JSON, as found
    created_at TEXT NOT NULL,
    created_by TEXT
);

CREATE TABLE saved_view (
    id         INTEGER PRIMARY KEY,
    owner      TEXT NOT NULL,
    name       TEXT NOT NULL,
    page       TEXT NOT NULL,
    query      TEXT NOT NULL,                  -- the address bar's query string
    shared     INTEGER NOT NULL DEFAULT 0,
    created_at TEXT NOT NULL,
    UNIQUE (owner, name)
);

CREATE TABLE wall_key (
    key_hash   TEXT PRIMARY KEY,               -- SHA-256 of the key in the wall's address
    screen     TEXT NOT NULL,
    label      TEXT,
    filters    TEXT NOT NULL DEFAULT '{}',
    created_at TEXT NOT NULL,
    created_by TEXT,
    expires_at TEXT,
    revoked_at TEXT
);
