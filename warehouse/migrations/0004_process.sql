-- How the process itself does: readings of a minute, counted together where they are alike, so that a busy minute takes
-- few rows. `times` readings of `name` came to `value`.

CREATE TABLE process_sample (read_at TIMESTAMP NOT NULL, name VARCHAR NOT NULL, value DOUBLE NOT NULL, times BIGINT NOT NULL);
