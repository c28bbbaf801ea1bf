-- +goose NO TRANSACTION
-- +goose Up
-- The clients and teams whose names are not in the index of looks yet are found by an index.

-- slice: provider/client
DROP INDEX IF EXISTS provider_client_unfolded;
CREATE INDEX CONCURRENTLY provider_client_unfolded ON provider_client (client_id) WHERE unfolded;

-- slice: provider/team
DROP INDEX IF EXISTS provider_team_unfolded;
CREATE INDEX CONCURRENTLY provider_team_unfolded ON provider_team (id) WHERE unfolded;
