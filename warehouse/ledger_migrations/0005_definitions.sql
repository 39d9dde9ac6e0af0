-- Definitions made by people: every change is a row, the newest of a metric holds; an empty definition takes it back.

CREATE TABLE metric_definition (
    id         INTEGER PRIMARY KEY,            -- rises with every change: its version
    metric     TEXT NOT NULL,
    change     TEXT NOT NULL CHECK (change IN ('made', 'changed', 'removed')),
    definition TEXT NOT NULL,                  -- JSON of names, unit, formula …; '' where it was taken back
    note       TEXT NOT NULL DEFAULT '',
    effect     TEXT NOT NULL DEFAULT '{}',     -- JSON: what was shown to move before it was saved
    at         TEXT NOT NULL,
    by         TEXT NOT NULL
);
CREATE INDEX metric_definition_by_metric ON metric_definition (metric, id);
CREATE TRIGGER metric_definition_no_update BEFORE UPDATE ON metric_definition
    BEGIN SELECT RAISE(ABORT, 'definitions are append-only'); END;
CREATE TRIGGER metric_definition_no_delete BEFORE DELETE ON metric_definition
    BEGIN SELECT RAISE(ABORT, 'definitions are append-only'); END;
