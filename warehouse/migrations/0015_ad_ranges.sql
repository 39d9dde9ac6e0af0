-- Ad rows over a range of days: where it ends, and whether rows of single days tell the same.

ALTER TABLE ad_spend ADD COLUMN until DATE;       -- last day of a range; null for rows of one day or hour
ALTER TABLE ad_spend ADD COLUMN aside BOOLEAN;    -- a range whose plan has rows of days inside it: the days count
