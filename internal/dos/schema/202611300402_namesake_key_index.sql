-- +goose NO TRANSACTION
-- +goose Up
-- Lists of namesakes are read from an index alone.

-- slice: account
DROP INDEX IF EXISTS account_namesakes;
CREATE INDEX CONCURRENTLY account_namesakes ON account (organisation, namesake_key, id, last_name, first_name, region,
	active, shared, web_service_only) WHERE namesake_key <> '';
