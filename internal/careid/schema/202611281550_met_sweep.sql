-- +goose NO TRANSACTION
-- +goose Up
-- That a person knows a service is forgotten some time after their last login to it.
-- swept: provider_client_met

-- slice: provider/client
DROP INDEX IF EXISTS provider_client_met_since;
CREATE INDEX CONCURRENTLY provider_client_met_since ON provider_client_met (since);
