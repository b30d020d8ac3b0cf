-- redshift only, each statement by itself
-- Everybody may use the warehouse's role in COPY and UNLOAD until that is taken away: then only the steps.
REVOKE ASSUMEROLE ON ALL FROM PUBLIC FOR ALL;
GRANT ASSUMEROLE ON DEFAULT TO "$steps" FOR COPY, UNLOAD;
