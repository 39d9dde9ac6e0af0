-- Differences between sources that a person has explained and signed: every act is a row, the newest of a cell holds.

CREATE TABLE reconciliation_signoff (
    id         INTEGER PRIMARY KEY,
    pair       TEXT NOT NULL,
    platform   TEXT NOT NULL,
    shop       TEXT NOT NULL,
    day        TEXT NOT NULL,
    change     TEXT NOT NULL CHECK (change IN ('signed', 'withdrawn')),
    reason     TEXT NOT NULL,
    note       TEXT NOT NULL DEFAULT '',
    difference REAL NOT NULL,                  -- yuan, as it stood when it was signed
    odd        INTEGER NOT NULL,               -- cases that differed then
    at         TEXT NOT NULL,
    by         TEXT NOT NULL
);
CREATE INDEX reconciliation_signoff_by_cell ON reconciliation_signoff (day, pair, platform, shop);
CREATE TRIGGER reconciliation_signoff_no_update BEFORE UPDATE ON reconciliation_signoff
    BEGIN SELECT RAISE(ABORT, 'sign-offs are append-only'); END;
CREATE TRIGGER reconciliation_signoff_no_delete BEFORE DELETE ON reconciliation_signoff
    BEGIN SELECT RAISE(ABORT, 'sign-offs are append-only'); END;
