-- redshift only
-- It reads what was loaded and owns what it makes. It makes tables anew each time, so others read them by default
-- privileges, for which it needs CREATE in the schema first.
GRANT USAGE ON SCHEMA raw TO "$dbt";
GRANT USAGE, CREATE ON SCHEMA stage, mart, ref TO "$dbt";
GRANT SELECT ON ALL TABLES IN SCHEMA raw, ref TO "$dbt";
REVOKE ALL ON raw.schema_migrations FROM "$dbt";
ALTER DEFAULT PRIVILEGES IN SCHEMA raw, ref GRANT SELECT ON TABLES TO "$dbt";
ALTER DEFAULT PRIVILEGES FOR USER "$dbt" IN SCHEMA stage, mart, ref GRANT SELECT ON TABLES TO "$steps";
