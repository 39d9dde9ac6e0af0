-- What creators and hosts are called: orders and statements know their ids only.

CREATE TABLE creator (                         -- key (platform, shop, creator)
    platform VARCHAR NOT NULL, shop VARCHAR NOT NULL, creator VARCHAR NOT NULL,
    name VARCHAR,
    version TIMESTAMP NOT NULL, batch_id BIGINT NOT NULL, source_row BIGINT NOT NULL);
