-- redshift only
-- Everybody may make tables in the schema public until that is taken away.
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
