-- redshift only
-- People who ask ad hoc, all together: marts, references and findings, never raw or stage. Timeout in milliseconds.
GRANT USAGE ON SCHEMA mart, ref, dq TO "$analyst";
GRANT SELECT ON ALL TABLES IN SCHEMA mart, ref, dq TO "$analyst";
ALTER DEFAULT PRIVILEGES IN SCHEMA ref, dq GRANT SELECT ON TABLES TO "$analyst";
ALTER DEFAULT PRIVILEGES FOR USER "$dbt" IN SCHEMA mart, ref GRANT SELECT ON TABLES TO "$analyst";
ALTER USER "$analyst" CONNECTION LIMIT 10;
ALTER USER "$analyst" SET statement_timeout TO 600000;
