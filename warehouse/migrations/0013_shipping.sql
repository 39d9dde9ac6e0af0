-- What is shipped and what is not, kept at load (`warehouse/rollup.py`), so that the orders to ship of a month need not
-- be looked for among all its lines. Everything here can be computed again from the facts.

CREATE TABLE shipping_by_province (
    day DATE NOT NULL, platform VARCHAR NOT NULL, shop VARCHAR NOT NULL, province VARCHAR,
    line_count BIGINT, due_shipped BIGINT, on_time BIGINT, ship_seconds BIGINT, shipped_lines BIGINT);

CREATE TABLE unshipped_line (                  -- paid lines that wait for a parcel, or that a promise was broken for
    paid_at TIMESTAMP NOT NULL, platform VARCHAR NOT NULL, shop VARCHAR NOT NULL, province VARCHAR,
    order_id VARCHAR NOT NULL, status VARCHAR, promised_ship_at TIMESTAMP);
