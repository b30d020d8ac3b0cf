-- redshift only
-- They load raw, judge into dq, keep a copy of what was exported, and read what dbt makes.
GRANT USAGE ON SCHEMA raw, stage, mart, ref, dq, export TO "$steps";
GRANT SELECT, INSERT, DELETE ON ALL TABLES IN SCHEMA raw, dq TO "$steps";
REVOKE ALL ON raw.schema_migrations FROM "$steps";
ALTER DEFAULT PRIVILEGES IN SCHEMA raw, dq GRANT SELECT, INSERT, DELETE ON TABLES TO "$steps";
GRANT SELECT ON ALL TABLES IN SCHEMA stage, mart, ref TO "$steps";
ALTER DEFAULT PRIVILEGES IN SCHEMA ref GRANT SELECT ON TABLES TO "$steps";
GRANT INSERT, DELETE ON ref.facility_master TO "$steps";
GRANT CREATE ON SCHEMA export TO "$steps";
