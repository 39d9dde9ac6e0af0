-- What platforms settle and what moves on accounts; which orders one parcel holds; and orders told twice, as a whole
-- and line by line (`warehouse/wholes.py`).

CREATE TABLE settlement (                      -- one amount of one settled line; key (platform, shop, settlement_id, item)
    platform VARCHAR NOT NULL, shop VARCHAR NOT NULL,
    settlement_id VARCHAR,                     -- the row of the bill: its own number, or order, second, sort and amount
    order_id VARCHAR, line_id VARCHAR, refund_id VARCHAR, product_id VARCHAR, creator VARCHAR,
    settled_at TIMESTAMP,                      -- null: foreseen, not settled yet
    ordered_at TIMESTAMP,
    item VARCHAR NOT NULL,                     -- 'income','refund','freight','subsidy','platform_fee','creator_commission',
    --                                            'channel_share','service_fee','promotion','insurance','transfer','other'
    detail VARCHAR,                            -- what the bill calls it
    direction VARCHAR NOT NULL,                -- 'in' or 'out'
    amount DECIMAL(18,2) NOT NULL,             -- signed: + to the shop, − from it
    basis VARCHAR NOT NULL,                    -- 'statement': a bill; 'flow': read off a movement; 'estimate': foreseen
    version TIMESTAMP NOT NULL, batch_id BIGINT NOT NULL, source_row BIGINT NOT NULL);

-- Each line once: what its bills say, or what the movements of the account say where no bill speaks of it.
CREATE VIEW settled AS
    SELECT * FROM settlement WHERE basis = 'statement'
    UNION ALL
    SELECT f.* FROM settlement f WHERE f.basis = 'flow' AND NOT EXISTS (
        SELECT 1 FROM settlement s WHERE s.basis = 'statement' AND s.platform = f.platform AND s.shop = f.shop
        AND s.order_id = f.order_id AND (s.line_id IS NULL OR f.line_id IS NULL OR s.line_id = f.line_id));

CREATE TABLE fund_flow (                       -- one movement of an account; key (platform, shop, flow_id)
    platform VARCHAR NOT NULL, shop VARCHAR NOT NULL, flow_id VARCHAR,
    "at" TIMESTAMP NOT NULL,
    direction VARCHAR NOT NULL,                -- 'in' or 'out'
    amount DECIMAL(18,2) NOT NULL,             -- signed: + into the account, − out of it
    balance DECIMAL(18,2), account VARCHAR,
    scene VARCHAR,                             -- as the source names it
    item VARCHAR,                              -- as settlement.item
    order_id VARCHAR, line_id VARCHAR, refund_id VARCHAR, note VARCHAR,
    version TIMESTAMP NOT NULL, batch_id BIGINT NOT NULL, source_row BIGINT NOT NULL);

CREATE TABLE shipment_order (                  -- an order of a parcel; key (platform, shop, shipment_id, order_id)
    platform VARCHAR NOT NULL, shop VARCHAR NOT NULL, shipment_id VARCHAR NOT NULL, order_id VARCHAR,
    version TIMESTAMP NOT NULL, batch_id BIGINT NOT NULL, source_row BIGINT NOT NULL);

ALTER TABLE order_line ADD COLUMN is_whole BOOLEAN DEFAULT false;      -- stands for an order whose lines are not known
ALTER TABLE order_line ADD COLUMN goods_amount DECIMAL(18,2);          -- what a line's own file says was to be paid for it
ALTER TABLE refund ADD COLUMN is_whole BOOLEAN DEFAULT false;
CREATE TABLE order_whole AS SELECT * FROM order_line LIMIT 0;          -- wholes that gave way to the lines of their order
CREATE TABLE refund_whole AS SELECT * FROM refund LIMIT 0;
