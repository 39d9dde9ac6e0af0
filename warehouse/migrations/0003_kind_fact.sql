-- Which facts a kind speaks of, as its declaration says, kept at load: a source of after-sales that had none to tell
-- has still told how far there were none.

CREATE TABLE kind_fact (kind VARCHAR NOT NULL, fact VARCHAR NOT NULL);
