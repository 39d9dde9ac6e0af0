-- What an alarm stood on when it fired, so that it is judged by what was known then and not by what came later.

ALTER TABLE alert_incident ADD COLUMN fired_value REAL;
ALTER TABLE alert_incident ADD COLUMN fired_base REAL;
ALTER TABLE alert_incident ADD COLUMN fired_from TEXT;   -- the part of the period that was judged: [from, until)
ALTER TABLE alert_incident ADD COLUMN fired_until TEXT;
