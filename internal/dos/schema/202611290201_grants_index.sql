-- +goose NO TRANSACTION
-- +goose Up
-- Services are found by what stands above them, and accounts by their region and organisation.

-- slice: directory
DROP INDEX IF EXISTS service_by_parent;
CREATE INDEX CONCURRENTLY service_by_parent ON service (parent_id) WHERE parent_id <> '';

-- slice: account
DROP INDEX IF EXISTS account_by_region;
CREATE INDEX CONCURRENTLY account_by_region ON account (region, username);
DROP INDEX IF EXISTS account_by_organisation;
CREATE INDEX CONCURRENTLY account_by_organisation ON account (organisation, username);
