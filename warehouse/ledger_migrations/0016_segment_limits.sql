-- Limits of segments and scores set by people: every change is a row, the newest holds; empty limits give back the settings.

CREATE TABLE segment_limits (
    id     INTEGER PRIMARY KEY,
    limits TEXT NOT NULL,                      -- JSON of the fields of metrics.people.Cuts, '' where the settings hold again
    note   TEXT NOT NULL DEFAULT '',
    effect TEXT NOT NULL DEFAULT '{}',         -- JSON: buyers by segment before and after, as shown before it was saved
    at     TEXT NOT NULL,
    by     TEXT NOT NULL
);
CREATE TRIGGER segment_limits_no_update BEFORE UPDATE ON segment_limits
    BEGIN SELECT RAISE(ABORT, 'limits are append-only'); END;
CREATE TRIGGER segment_limits_no_delete BEFORE DELETE ON segment_limits
    BEGIN SELECT RAISE(ABORT, 'limits are append-only'); END;
