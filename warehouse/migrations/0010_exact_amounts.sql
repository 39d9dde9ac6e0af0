-- Amounts of lines keep six places: some sources tell thousandths of a yuan or reckon taxes per line, and only exact
-- lines add up to exact sums. What is shown is rounded to the cent after summing.

ALTER TABLE order_line ALTER COLUMN list_amount TYPE DECIMAL(18,6);
ALTER TABLE order_line ALTER COLUMN payable_amount TYPE DECIMAL(18,6);
ALTER TABLE order_line ALTER COLUMN paid_amount TYPE DECIMAL(18,6);
ALTER TABLE refund ALTER COLUMN amount TYPE DECIMAL(18,6);
ALTER TABLE ad_spend ALTER COLUMN cost TYPE DECIMAL(18,6);

ALTER TABLE sales_by_province ALTER COLUMN paid_amount TYPE DECIMAL(38,6);
ALTER TABLE sales_by_province ALTER COLUMN list_amount TYPE DECIMAL(38,6);
ALTER TABLE sales_by_province ALTER COLUMN listed_paid TYPE DECIMAL(38,6);
ALTER TABLE sales_by_channel ALTER COLUMN paid_amount TYPE DECIMAL(38,6);
ALTER TABLE sales_by_channel ALTER COLUMN list_amount TYPE DECIMAL(38,6);
ALTER TABLE sales_by_channel ALTER COLUMN listed_paid TYPE DECIMAL(38,6);
ALTER TABLE created_by_province ALTER COLUMN payable_amount TYPE DECIMAL(38,6);

-- the side tables of orders told as a whole (0006), so that nothing is lost when rows move
ALTER TABLE order_line ALTER COLUMN goods_amount TYPE DECIMAL(18,6);
ALTER TABLE order_whole ALTER COLUMN list_amount TYPE DECIMAL(18,6);
ALTER TABLE order_whole ALTER COLUMN payable_amount TYPE DECIMAL(18,6);
ALTER TABLE order_whole ALTER COLUMN paid_amount TYPE DECIMAL(18,6);
ALTER TABLE order_whole ALTER COLUMN goods_amount TYPE DECIMAL(18,6);
ALTER TABLE refund_whole ALTER COLUMN amount TYPE DECIMAL(18,6);
