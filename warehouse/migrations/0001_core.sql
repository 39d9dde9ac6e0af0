-- The canonical model. Grain first, one table a fact; every fact row can be followed back to (batch_id, source_row).
-- Times are the business's wall clock; money is exact yuan; ids are text; null means "not known", never zero.
-- No index, key or foreign key here: indexes with a WAL are how DuckDB files die, and upserts are one set-based MERGE.

CREATE TABLE load_batch (
    batch_id        BIGINT NOT NULL,
    source          VARCHAR NOT NULL,          -- which door: 'file', 'doudian_api', …
    kind            VARCHAR NOT NULL,          -- which declaration: 'doudian_orders', …
    platform        VARCHAR,
    shop            VARCHAR,
    file_name       VARCHAR,
    sha256          VARCHAR NOT NULL,          -- of the original bytes, the archive's name for them
    options         VARCHAR NOT NULL,          -- JSON: what a replay needs to read the same bytes the same way
    rows_read       BIGINT NOT NULL,
    accepted        BIGINT NOT NULL,
    unchanged       BIGINT NOT NULL,
    quarantined     BIGINT NOT NULL,
    cursor_after    VARCHAR,
    first_event_at  TIMESTAMP,
    last_event_at   TIMESTAMP,
    loaded_at       TIMESTAMP NOT NULL,
    seconds         DOUBLE NOT NULL,
    data_version    BIGINT NOT NULL
);

CREATE TABLE quarantine (
    batch_id      BIGINT NOT NULL,
    source_row    BIGINT NOT NULL,
    kind          VARCHAR NOT NULL,
    reason        VARCHAR NOT NULL,            -- code of the message catalogue
    field         VARCHAR,
    value         VARCHAR,
    raw           VARCHAR NOT NULL,            -- JSON object {canonical or original column: original text}
    state         VARCHAR NOT NULL,            -- 'open', 'replayed', 'dismissed'
    created_at    TIMESTAMP NOT NULL,
    closed_at     TIMESTAMP,
    closed_by_batch BIGINT
);

CREATE TABLE source_state (
    source           VARCHAR NOT NULL,
    kind             VARCHAR NOT NULL,
    platform         VARCHAR NOT NULL,
    shop             VARCHAR NOT NULL,
    complete_through TIMESTAMP,                -- every event up to here has been seen
    cursor_value     VARCHAR,
    last_batch_id    BIGINT,
    last_loaded_at   TIMESTAMP
);

CREATE TABLE meta (name VARCHAR NOT NULL, value VARCHAR NOT NULL);
INSERT INTO meta VALUES ('data_version', '0'), ('next_batch_id', '1');

CREATE TABLE job_run (
    job VARCHAR NOT NULL, started_at TIMESTAMP NOT NULL, finished_at TIMESTAMP,
    state VARCHAR NOT NULL, seconds DOUBLE, detail VARCHAR);          -- state: 'ok', 'failed', 'skipped'

CREATE TABLE api_call (
    source VARCHAR NOT NULL, method VARCHAR NOT NULL, called_at TIMESTAMP NOT NULL,
    status INTEGER, code VARCHAR, outcome VARCHAR NOT NULL, latency_ms DOUBLE NOT NULL, attempt INTEGER NOT NULL);

-- Facts ------------------------------------------------------------------------------------------------------------

CREATE TABLE order_line (                      -- one sub-order; key (platform, shop, line_id)
    platform VARCHAR NOT NULL, shop VARCHAR NOT NULL, order_id VARCHAR NOT NULL, line_id VARCHAR NOT NULL,
    product_id VARCHAR, sku_id VARCHAR, product_name VARCHAR, category VARCHAR,
    channel VARCHAR, live_session VARCHAR, video VARCHAR, creator VARCHAR, ad_plan VARCHAR, campaign VARCHAR,
    province VARCHAR, city VARCHAR, buyer UBIGINT, buyer_masked VARCHAR,
    quantity BIGINT,
    list_amount DECIMAL(18,2),                 -- unit price × quantity, before any discount
    payable_amount DECIMAL(18,2),              -- what was to be paid for the line, freight share included
    paid_amount DECIMAL(18,2),                 -- what the buyer paid, gross of later refunds; null while unpaid
    freight_amount DECIMAL(18,2),
    commission_amount DECIMAL(18,2),           -- creator commission where the source tells it per line
    unit_cost DECIMAL(18,4),                   -- filled from unit_cost, valid on the payment day
    status VARCHAR,                            -- 'unpaid','paid','part_shipped','shipped','finished','closed'
    created_at TIMESTAMP, paid_at TIMESTAMP, promised_ship_at TIMESTAMP, shipped_at TIMESTAMP, finished_at TIMESTAMP,
    is_head BOOLEAN NOT NULL,                  -- exactly one line of an order: counts orders without DISTINCT
    is_test BOOLEAN NOT NULL DEFAULT false,
    time_estimated BOOLEAN NOT NULL DEFAULT false,
    version TIMESTAMP NOT NULL,                -- when this state was observed; the later one wins
    batch_id BIGINT NOT NULL, source_row BIGINT NOT NULL);

CREATE TABLE refund (                          -- one after-sale; key (platform, shop, refund_id)
    platform VARCHAR NOT NULL, shop VARCHAR NOT NULL, refund_id VARCHAR NOT NULL,
    order_id VARCHAR, line_id VARCHAR,
    kind VARCHAR,                              -- 'return','refund_shipped','refund_unshipped','exchange','other'
    status VARCHAR,                            -- 'open','success','refused','closed'
    reason VARCHAR, amount DECIMAL(18,2), quantity BIGINT,
    goods_returned BOOLEAN, before_ship BOOLEAN,
    applied_at TIMESTAMP, success_at TIMESTAMP,
    estimated BOOLEAN NOT NULL DEFAULT false,  -- success_at is not from the source
    -- filled from the order line, so that refunds can be cut by the dimensions of the sale
    product_id VARCHAR, sku_id VARCHAR, category VARCHAR, channel VARCHAR, live_session VARCHAR, creator VARCHAR,
    campaign VARCHAR, province VARCHAR, city VARCHAR, buyer UBIGINT, unit_cost DECIMAL(18,4), order_paid_at TIMESTAMP,
    version TIMESTAMP NOT NULL, batch_id BIGINT NOT NULL, source_row BIGINT NOT NULL);

CREATE TABLE traffic (                         -- key (platform, shop, at, span, channel, product_id)
    platform VARCHAR NOT NULL, shop VARCHAR NOT NULL, "at" TIMESTAMP NOT NULL,
    span VARCHAR NOT NULL,                     -- 'hour' or 'day': what one row covers
    channel VARCHAR, product_id VARCHAR, category VARCHAR,     -- null channel/product = the shop's own total row
    exposures BIGINT, clicks BIGINT, visitors BIGINT, page_views BIGINT,
    add_to_cart BIGINT, favourites BIGINT, buyers BIGINT, gmv DECIMAL(18,2),
    views BIGINT, likes BIGINT, comments BIGINT, shares BIGINT, new_followers BIGINT,
    version TIMESTAMP NOT NULL, batch_id BIGINT NOT NULL, source_row BIGINT NOT NULL);

CREATE TABLE behaviour (                       -- one event of a buyer behaviour log; no key but the whole row
    platform VARCHAR NOT NULL, shop VARCHAR NOT NULL, buyer UBIGINT NOT NULL, product_id VARCHAR NOT NULL,
    category VARCHAR, event VARCHAR NOT NULL,  -- 'view','cart','favourite','buy'
    "at" TIMESTAMP NOT NULL,
    batch_id BIGINT NOT NULL, source_row BIGINT NOT NULL);

CREATE TABLE ad_spend (                        -- key (platform, shop, at, span, ad_plan, creative)
    platform VARCHAR NOT NULL, shop VARCHAR NOT NULL, "at" TIMESTAMP NOT NULL, span VARCHAR NOT NULL,
    ad_plan VARCHAR, ad_plan_name VARCHAR, creative VARCHAR, channel VARCHAR, campaign VARCHAR, product_id VARCHAR, category VARCHAR,
    cost DECIMAL(18,2), exposures BIGINT, clicks BIGINT, orders BIGINT, gmv DECIMAL(18,2), attribution VARCHAR,
    version TIMESTAMP NOT NULL, batch_id BIGINT NOT NULL, source_row BIGINT NOT NULL);

CREATE TABLE live_session (                    -- key (platform, shop, live_session)
    platform VARCHAR NOT NULL, shop VARCHAR NOT NULL, live_session VARCHAR NOT NULL,
    creator VARCHAR, title VARCHAR, started_at TIMESTAMP NOT NULL, ended_at TIMESTAMP,
    minutes DOUBLE, exposures BIGINT, entries BIGINT, viewers BIGINT, acu DOUBLE, pcu BIGINT, watch_seconds DOUBLE,
    comments BIGINT, likes BIGINT, shares BIGINT, new_followers BIGINT, product_exposures BIGINT, product_clickers BIGINT, orders BIGINT,
    buyers BIGINT, gmv DECIMAL(18,2), refund_amount DECIMAL(18,2), ad_cost DECIMAL(18,2),
    version TIMESTAMP NOT NULL, batch_id BIGINT NOT NULL, source_row BIGINT NOT NULL);

CREATE TABLE stock (                           -- key (platform, shop, sku_id, warehouse, snapshot_at)
    platform VARCHAR NOT NULL, shop VARCHAR NOT NULL, sku_id VARCHAR NOT NULL, warehouse VARCHAR, snapshot_at TIMESTAMP NOT NULL,
    product_id VARCHAR, product_name VARCHAR, category VARCHAR, on_hand BIGINT, reserved BIGINT, available BIGINT,
    unit_cost DECIMAL(18,4), active BOOLEAN,
    version TIMESTAMP NOT NULL, batch_id BIGINT NOT NULL, source_row BIGINT NOT NULL);

CREATE TABLE cost (                            -- key (platform, shop, day, item, detail, category, channel, campaign)
    platform VARCHAR NOT NULL, shop VARCHAR NOT NULL, day DATE NOT NULL,
    item VARCHAR NOT NULL,                     -- 'platform_fee','creator_commission','logistics','subsidy','other'
    detail VARCHAR,                            -- what the sheet calls it: rent and water are both 'other'
    category VARCHAR, channel VARCHAR, campaign VARCHAR, amount DECIMAL(18,2) NOT NULL,
    version TIMESTAMP NOT NULL, batch_id BIGINT NOT NULL, source_row BIGINT NOT NULL);

CREATE TABLE unit_cost (                       -- key (sku_id, valid_from)
    sku_id VARCHAR NOT NULL, valid_from DATE NOT NULL, amount DECIMAL(18,4) NOT NULL,
    version TIMESTAMP NOT NULL, batch_id BIGINT NOT NULL, source_row BIGINT NOT NULL);

CREATE TABLE target (                          -- key (metric, period, period_start, platform, shop, category)
    metric VARCHAR NOT NULL, period VARCHAR NOT NULL, period_start DATE NOT NULL,   -- period: 'day','month','quarter','year'
    platform VARCHAR, shop VARCHAR, category VARCHAR, amount DECIMAL(18,4) NOT NULL,
    version TIMESTAMP NOT NULL, batch_id BIGINT NOT NULL, source_row BIGINT NOT NULL);

CREATE TABLE benchmark (                       -- key (metric, period_start, platform, category)
    metric VARCHAR NOT NULL, period_start DATE NOT NULL, platform VARCHAR, category VARCHAR, amount DECIMAL(18,6) NOT NULL,
    version TIMESTAMP NOT NULL, batch_id BIGINT NOT NULL, source_row BIGINT NOT NULL);

CREATE TABLE campaign (                        -- key (campaign, platform)
    campaign VARCHAR NOT NULL, platform VARCHAR, family VARCHAR,          -- family: '618', 'double11', …
    starts_at TIMESTAMP NOT NULL, ends_at TIMESTAMP NOT NULL, subsidy DECIMAL(18,2),
    version TIMESTAMP NOT NULL, batch_id BIGINT NOT NULL, source_row BIGINT NOT NULL);

-- Dimensions -------------------------------------------------------------------------------------------------------

CREATE TABLE product (                         -- key (platform, shop, product_id, sku_id)
    platform VARCHAR NOT NULL, shop VARCHAR NOT NULL, product_id VARCHAR NOT NULL, sku_id VARCHAR,
    name VARCHAR, sku_name VARCHAR, category VARCHAR, category_path VARCHAR, price DECIMAL(18,2), status VARCHAR, listed_at TIMESTAMP,
    version TIMESTAMP NOT NULL, batch_id BIGINT NOT NULL, source_row BIGINT NOT NULL);

CREATE TABLE category_owner (                  -- key (category)
    category VARCHAR NOT NULL, owner VARCHAR NOT NULL,
    version TIMESTAMP NOT NULL, batch_id BIGINT NOT NULL, source_row BIGINT NOT NULL);
