-- Buyers who are alike, counted (`warehouse/alike.py`), so that questions about all of them need not read a row of each.
-- Without platform and shop a row speaks of what buyers did anywhere, else of what they did in that shop.

CREATE TABLE buyer_alike (
    platform VARCHAR, shop VARCHAR,
    last_day DATE NOT NULL, first_day DATE,    -- null: more than 62 days before the last
    orders BIGINT NOT NULL,
    band BIGINT NOT NULL,                      -- the least whole yuan of a band of amounts
    buyers BIGINT NOT NULL, paid_amount DECIMAL(38,6) NOT NULL);

CREATE TABLE buyer_yuan (                      -- by what they paid in whole yuan
    platform VARCHAR, shop VARCHAR, yuan BIGINT NOT NULL, buyers BIGINT NOT NULL, paid_amount DECIMAL(38,6) NOT NULL);

CREATE TABLE buyer_return (                    -- by the days, begun ones counted, until they ordered again; null: never
    platform VARCHAR, shop VARCHAR, first_day DATE NOT NULL, gap SMALLINT, buyers BIGINT NOT NULL);
