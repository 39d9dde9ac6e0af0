-- Short videos and posts by day: what the creator centres of 抖音, 视频号, 快手 and 小红书 export.

CREATE TABLE video_day (                       -- key (platform, shop, video, day)
    platform VARCHAR NOT NULL, shop VARCHAR NOT NULL, video VARCHAR NOT NULL, day DATE NOT NULL,
    title VARCHAR, creator VARCHAR, published_at TIMESTAMP,
    seconds DOUBLE,                            -- length of the video
    plays BIGINT, finishes BIGINT, likes BIGINT, comments BIGINT, shares BIGINT, favourites BIGINT, new_followers BIGINT,
    product_exposures BIGINT, product_clicks BIGINT, orders BIGINT, gmv DECIMAL(18,2),
    version TIMESTAMP NOT NULL, batch_id BIGINT NOT NULL, source_row BIGINT NOT NULL);
