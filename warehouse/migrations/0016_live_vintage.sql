-- What was known when of live sessions, by the day they began: their additive counts and money (`warehouse/vintage.py`).

CREATE TABLE vintage_live (
    day DATE NOT NULL, platform VARCHAR NOT NULL, shop VARCHAR NOT NULL,
    known_at TIMESTAMP NOT NULL, batch_id BIGINT NOT NULL,
    line_count BIGINT, exposures BIGINT, entries BIGINT, viewers BIGINT, interactions BIGINT, new_followers BIGINT,
    product_clickers BIGINT, buyers BIGINT, orders BIGINT, gmv DECIMAL(38,6),
    exposures_n BIGINT, entries_n BIGINT, viewers_n BIGINT, interactions_n BIGINT, new_followers_n BIGINT,
    product_clickers_n BIGINT, buyers_n BIGINT, orders_n BIGINT, gmv_n BIGINT);
