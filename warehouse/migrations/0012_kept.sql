-- More of what is kept at load, so that pages need not read a month of lines. Everything here can be computed again from
-- the facts; `warehouse/chain.py`, `warehouse/skus.py`, `warehouse/rollup.py` and `warehouse/refund_cases.py` fill it.

CREATE TABLE buyer_channel (                   -- a paid order in one channel, and when its buyer had ordered there before
    paid_at TIMESTAMP NOT NULL, platform VARCHAR NOT NULL, shop VARCHAR NOT NULL, channel VARCHAR, buyer UBIGINT,
    prev_any TIMESTAMP, prev2_any TIMESTAMP,   -- as in buyer_order, but in the same channel
    prev_own TIMESTAMP, prev2_own TIMESTAMP);

CREATE TABLE sku_number (                      -- every SKU ever sold, numbered from 0 within its shop
    platform VARCHAR NOT NULL, shop VARCHAR NOT NULL, sku_id VARCHAR NOT NULL, number INTEGER NOT NULL);

CREATE TABLE sku_day (                         -- which of them were sold on a day: the bits of 64 numbers from chunk × 64
    day DATE NOT NULL, platform VARCHAR NOT NULL, shop VARCHAR NOT NULL, chunk INTEGER, skus UBIGINT NOT NULL);

CREATE TABLE sales_by_product (
    day DATE NOT NULL, platform VARCHAR NOT NULL, shop VARCHAR NOT NULL, product_id VARCHAR,
    line_count BIGINT, paid_amount DECIMAL(38,6), quantity BIGINT, cost_amount DECIMAL(38,4), pieces BIGINT);

CREATE TABLE refund_case (                     -- an order that money went back for, beside what was paid for it
    platform VARCHAR NOT NULL, shop VARCHAR NOT NULL, day DATE NOT NULL, ref VARCHAR NOT NULL,
    left_amount DECIMAL(38,6) NOT NULL, right_amount DECIMAL(38,6) NOT NULL,
    left_count INTEGER NOT NULL, right_count INTEGER NOT NULL, reason VARCHAR);
