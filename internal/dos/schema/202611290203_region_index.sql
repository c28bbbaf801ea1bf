-- +goose NO TRANSACTION
-- +goose Up
-- The regions are listed on every list of users.

-- slice: directory
DROP INDEX IF EXISTS service_of_regions;
CREATE INDEX CONCURRENTLY service_of_regions ON service (name, id) WHERE type_id = -1;
