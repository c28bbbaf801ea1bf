-- +goose NO TRANSACTION
-- +goose Up
-- How many codes a network asked for is counted without reading those of others.

-- slice: platform/mailcode
DROP INDEX IF EXISTS mailed_code_by_network;
CREATE INDEX CONCURRENTLY mailed_code_by_network ON mailed_code (network, ends_at);
