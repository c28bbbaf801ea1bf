-- +goose NO TRANSACTION
-- +goose Up
-- The rows whose names are not folded yet are found by an index.

-- slice: directory
DROP INDEX IF EXISTS service_unfolded;
CREATE INDEX CONCURRENTLY service_unfolded ON service (id) WHERE unfolded;

-- slice: account
DROP INDEX IF EXISTS account_unfolded;
CREATE INDEX CONCURRENTLY account_unfolded ON account (id) WHERE unfolded;
