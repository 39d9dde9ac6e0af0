-- What was known when: every daily value that a load changed is kept as the difference it made (`warehouse/vintage.py`).
-- The sum of the differences up to a moment is the value as it was known then. Rows are added, never altered.
-- `NAME_n` counts the cells (or rows) in which NAME was known at all: where it is 0, NAME is null and not zero.

CREATE TABLE vintage_coverage (                -- `row_count` is a difference, `first_at` and `last_at` are as they were
    subject VARCHAR NOT NULL, day DATE NOT NULL, platform VARCHAR NOT NULL, shop VARCHAR NOT NULL,
    known_at TIMESTAMP NOT NULL, batch_id BIGINT NOT NULL,
    row_count BIGINT, first_at TIMESTAMP, last_at TIMESTAMP);

CREATE TABLE vintage_sales (
    day DATE NOT NULL, platform VARCHAR NOT NULL, shop VARCHAR NOT NULL,
    known_at TIMESTAMP NOT NULL, batch_id BIGINT NOT NULL,
    line_count BIGINT, paid_amount DECIMAL(38,6), quantity BIGINT, list_amount DECIMAL(38,6), listed_paid DECIMAL(38,6),
    cost_amount DECIMAL(38,6), pay_seconds BIGINT, order_count BIGINT,
    paid_amount_n BIGINT, quantity_n BIGINT, list_amount_n BIGINT, listed_paid_n BIGINT, cost_amount_n BIGINT,
    pay_seconds_n BIGINT);

CREATE TABLE vintage_sales_category (
    day DATE NOT NULL, platform VARCHAR NOT NULL, shop VARCHAR NOT NULL, category VARCHAR,
    known_at TIMESTAMP NOT NULL, batch_id BIGINT NOT NULL,
    line_count BIGINT, paid_amount DECIMAL(38,6), quantity BIGINT, list_amount DECIMAL(38,6), listed_paid DECIMAL(38,6),
    cost_amount DECIMAL(38,6), pay_seconds BIGINT,
    paid_amount_n BIGINT, quantity_n BIGINT, list_amount_n BIGINT, listed_paid_n BIGINT, cost_amount_n BIGINT,
    pay_seconds_n BIGINT);

CREATE TABLE vintage_created (
    day DATE NOT NULL, platform VARCHAR NOT NULL, shop VARCHAR NOT NULL,
    known_at TIMESTAMP NOT NULL, batch_id BIGINT NOT NULL,
    line_count BIGINT, payable_amount DECIMAL(38,6), order_count BIGINT, paid_count BIGINT, cancelled_count BIGINT,
    payable_amount_n BIGINT);

CREATE TABLE vintage_refunds (                 -- by the day of success
    day DATE NOT NULL, platform VARCHAR NOT NULL, shop VARCHAR NOT NULL, category VARCHAR,
    known_at TIMESTAMP NOT NULL, batch_id BIGINT NOT NULL,
    line_count BIGINT, amount DECIMAL(38,6), timed_seconds BIGINT, timed BIGINT, returned_cost DECIMAL(38,6),
    amount_n BIGINT, timed_seconds_n BIGINT, returned_cost_n BIGINT);

CREATE TABLE vintage_refund_cohort (           -- by the day of payment
    day DATE NOT NULL, platform VARCHAR NOT NULL, shop VARCHAR NOT NULL, category VARCHAR,
    known_at TIMESTAMP NOT NULL, batch_id BIGINT NOT NULL,
    line_count BIGINT, amount DECIMAL(38,6), amount_n BIGINT);

CREATE TABLE vintage_ads (
    day DATE NOT NULL, platform VARCHAR NOT NULL, shop VARCHAR NOT NULL, category VARCHAR,
    known_at TIMESTAMP NOT NULL, batch_id BIGINT NOT NULL,
    line_count BIGINT, cost DECIMAL(38,6), exposures BIGINT, clicks BIGINT, orders BIGINT, gmv DECIMAL(38,6),
    cost_n BIGINT, exposures_n BIGINT, clicks_n BIGINT, orders_n BIGINT, gmv_n BIGINT);

CREATE TABLE vintage_cost (
    day DATE NOT NULL, platform VARCHAR NOT NULL, shop VARCHAR NOT NULL, category VARCHAR,
    known_at TIMESTAMP NOT NULL, batch_id BIGINT NOT NULL,
    line_count BIGINT, platform_fee DECIMAL(38,6), creator_commission DECIMAL(38,6), logistics DECIMAL(38,6),
    other DECIMAL(38,6));
