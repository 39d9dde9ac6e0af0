-- Saved views: with whom they are shared, when they changed, and who has them on their own page.

ALTER TABLE saved_view ADD COLUMN shared_with TEXT NOT NULL DEFAULT 'all';   -- where shared: 'all' or a role
ALTER TABLE saved_view ADD COLUMN changed_at TEXT NOT NULL DEFAULT '';

CREATE TABLE pinned_view (
    user    TEXT NOT NULL COLLATE NOCASE,
    view_id INTEGER NOT NULL REFERENCES saved_view (id) ON DELETE CASCADE,
    place   INTEGER NOT NULL,
    size    INTEGER NOT NULL DEFAULT 1,        -- of three columns
    PRIMARY KEY (user, view_id)
);
