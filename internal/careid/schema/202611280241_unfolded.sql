-- +goose NO TRANSACTION
-- +goose Up
-- The rows whose names are not folded yet are found by an index.

-- slice: organisation
DROP INDEX IF EXISTS organisation_unfolded;
CREATE INDEX CONCURRENTLY organisation_unfolded ON organisation (code) WHERE unfolded;

-- slice: identity
DROP INDEX IF EXISTS identity_unfolded;
CREATE INDEX CONCURRENTLY identity_unfolded ON identity (uuid) WHERE unfolded;
