-- What `warehouse/rollup.py` keeps at load, so that questions by day need not read the facts. Its declarations say what
-- the columns hold; everything here can be computed again from the facts (`rollup.rebuild`).

CREATE TABLE coverage (                        -- which subject has how many rows on which day
    subject VARCHAR NOT NULL, platform VARCHAR NOT NULL, shop VARCHAR NOT NULL, day DATE NOT NULL,
    row_count BIGINT NOT NULL, first_at TIMESTAMP NOT NULL, last_at TIMESTAMP NOT NULL, batch_id BIGINT NOT NULL);

CREATE TABLE sales_by_province (
    day DATE NOT NULL, platform VARCHAR NOT NULL, shop VARCHAR NOT NULL, province VARCHAR,
    line_count BIGINT, paid_amount DECIMAL(38,2), quantity BIGINT, list_amount DECIMAL(38,2), listed_paid DECIMAL(38,2),
    cost_amount DECIMAL(38,4), pay_seconds BIGINT, order_count BIGINT);

CREATE TABLE sales_by_channel (
    day DATE NOT NULL, platform VARCHAR NOT NULL, shop VARCHAR NOT NULL, channel VARCHAR, category VARCHAR,
    line_count BIGINT, paid_amount DECIMAL(38,2), quantity BIGINT, list_amount DECIMAL(38,2), listed_paid DECIMAL(38,2),
    cost_amount DECIMAL(38,4), pay_seconds BIGINT);

CREATE TABLE created_by_province (
    day DATE NOT NULL, platform VARCHAR NOT NULL, shop VARCHAR NOT NULL, province VARCHAR,
    line_count BIGINT, payable_amount DECIMAL(38,2), order_count BIGINT, paid_count BIGINT, cancelled_count BIGINT);

CREATE TABLE buyer_order (                     -- one paid order, and when its buyer had ordered before
    paid_at TIMESTAMP NOT NULL, platform VARCHAR NOT NULL, shop VARCHAR NOT NULL, buyer UBIGINT,   -- null: not known
    prev_any TIMESTAMP, prev2_any TIMESTAMP,   -- the buyer's last and last but one order before it, anywhere
    prev_own TIMESTAMP, prev2_own TIMESTAMP);  -- and in the same platform and shop
