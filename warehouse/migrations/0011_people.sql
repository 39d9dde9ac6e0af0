-- One row a buyer, and the cells of the repurchase triangle, so that questions about people need not read every order
-- of every buyer. `warehouse/people.py` says what the columns hold, fills them, and can do so again from the facts.

CREATE TABLE buyer_place (                     -- a buyer in one shop
    platform VARCHAR NOT NULL, shop VARCHAR NOT NULL, buyer UBIGINT NOT NULL,
    first_at TIMESTAMP NOT NULL, second_at TIMESTAMP, last_at TIMESTAMP NOT NULL,
    first_day DATE NOT NULL, last_day DATE NOT NULL,
    orders BIGINT NOT NULL, paid_amount DECIMAL(38,6) NOT NULL, yuan BIGINT NOT NULL,
    province VARCHAR, province_at TIMESTAMP);

CREATE TABLE buyer_ever (                      -- a buyer anywhere
    buyer UBIGINT NOT NULL,
    first_at TIMESTAMP NOT NULL, second_at TIMESTAMP, last_at TIMESTAMP NOT NULL,
    first_day DATE NOT NULL, last_day DATE NOT NULL,
    orders BIGINT NOT NULL, paid_amount DECIMAL(38,6) NOT NULL, yuan BIGINT NOT NULL,
    province VARCHAR, province_at TIMESTAMP);

CREATE TABLE cohort_day (                      -- what buyers whose first order was in the month `cohort` did on a day
    day DATE NOT NULL, platform VARCHAR, shop VARCHAR, cohort DATE NOT NULL,    -- no platform: first order anywhere
    buyers BIGINT NOT NULL,                    -- those whose first order of that month it was, so that days add up
    orders BIGINT NOT NULL, paid_amount DECIMAL(38,6) NOT NULL);
