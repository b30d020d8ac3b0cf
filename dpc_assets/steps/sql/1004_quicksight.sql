-- redshift only
-- It reads the marts and nothing else. Timeout in milliseconds.
GRANT USAGE ON SCHEMA mart TO "$quicksight";
GRANT SELECT ON ALL TABLES IN SCHEMA mart TO "$quicksight";
ALTER DEFAULT PRIVILEGES FOR USER "$dbt" IN SCHEMA mart GRANT SELECT ON TABLES TO "$quicksight";
ALTER USER "$quicksight" CONNECTION LIMIT 10;
ALTER USER "$quicksight" SET statement_timeout TO 600000;
