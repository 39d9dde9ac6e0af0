-- Which orders came by which way (a platform's interface, an export file), so that both can be held against each other.

CREATE TABLE told_span (                       -- what one batch of orders told: from when to when, how many orders
    platform VARCHAR NOT NULL, shop VARCHAR NOT NULL,
    way VARCHAR NOT NULL,                      -- 'api' or 'file'
    since TIMESTAMP, until TIMESTAMP,
    orders BIGINT NOT NULL,
    batch_id BIGINT NOT NULL);

CREATE TABLE order_told (                      -- an order and a way it came by; only of shops whose orders come by both
    platform VARCHAR NOT NULL, shop VARCHAR NOT NULL, way VARCHAR NOT NULL, order_id VARCHAR NOT NULL,
    batch_id BIGINT NOT NULL);                 -- the first that told it
