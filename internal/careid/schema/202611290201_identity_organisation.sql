-- +goose NO TRANSACTION
-- +goose Up
-- The people of an organisation are listed by their names.

-- slice: identity
DROP INDEX IF EXISTS identity_by_organisation;
CREATE INDEX CONCURRENTLY identity_by_organisation ON identity (organisation, family_name, given_name, uuid);
