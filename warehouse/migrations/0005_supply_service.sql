-- Parcels, customer-service sessions, reviews and orders to suppliers. What a source of these does not tell of the
-- goods (product, SKU, category, province) is filled from the order it names.

CREATE TABLE shipment (                        -- one parcel; key (platform, shop, shipment_id)
    platform VARCHAR NOT NULL, shop VARCHAR NOT NULL, shipment_id VARCHAR NOT NULL,       -- the waybill's number
    order_id VARCHAR, product_id VARCHAR, sku_id VARCHAR, category VARCHAR,
    warehouse VARCHAR, carrier VARCHAR, province VARCHAR, city VARCHAR,
    picked_at TIMESTAMP, shipped_at TIMESTAMP, delivered_at TIMESTAMP,
    exception VARCHAR,                         -- 'lost','damaged','delayed','rejected','returned','other'; null: none
    exception_at TIMESTAMP,
    cost DECIMAL(18,2),
    version TIMESTAMP NOT NULL, batch_id BIGINT NOT NULL, source_row BIGINT NOT NULL);

CREATE TABLE ticket (                          -- one customer-service session; key (platform, shop, ticket_id)
    platform VARCHAR NOT NULL, shop VARCHAR NOT NULL, ticket_id VARCHAR NOT NULL,
    order_id VARCHAR, product_id VARCHAR, sku_id VARCHAR, category VARCHAR, staff VARCHAR,
    topic VARCHAR,                             -- as the source names it
    complaint BOOLEAN, opened_at TIMESTAMP, replied_at TIMESTAMP, resolved_at TIMESTAMP,
    score BIGINT,                              -- 1–5 as the buyer rated the session; null: not rated
    version TIMESTAMP NOT NULL, batch_id BIGINT NOT NULL, source_row BIGINT NOT NULL);

CREATE TABLE review (                          -- one buyer's review of a line; key (platform, shop, review_id)
    platform VARCHAR NOT NULL, shop VARCHAR NOT NULL, review_id VARCHAR NOT NULL,
    order_id VARCHAR, line_id VARCHAR, product_id VARCHAR, sku_id VARCHAR, category VARCHAR,
    score BIGINT,                              -- 1–5 stars
    bad BOOLEAN,                               -- as the platform grades it, else one or two stars
    reviewed_at TIMESTAMP,
    version TIMESTAMP NOT NULL, batch_id BIGINT NOT NULL, source_row BIGINT NOT NULL);

CREATE TABLE purchase (                        -- one SKU of an order to a supplier; key (platform, shop, purchase_id, sku_id)
    platform VARCHAR NOT NULL, shop VARCHAR NOT NULL, purchase_id VARCHAR NOT NULL, sku_id VARCHAR NOT NULL,
    category VARCHAR, supplier VARCHAR, warehouse VARCHAR,
    quantity BIGINT, arrived_quantity BIGINT,
    ordered_at TIMESTAMP, expected_at TIMESTAMP, arrived_at TIMESTAMP,         -- null: not arrived yet
    version TIMESTAMP NOT NULL, batch_id BIGINT NOT NULL, source_row BIGINT NOT NULL);
