-- redshift only, each statement by itself
-- What was exported, read where it lies. USAGE of an external schema is the right to read its tables.
CREATE EXTERNAL SCHEMA IF NOT EXISTS lake FROM DATA CATALOG DATABASE '$catalog' IAM_ROLE default;
GRANT USAGE ON SCHEMA lake TO "$analyst";
