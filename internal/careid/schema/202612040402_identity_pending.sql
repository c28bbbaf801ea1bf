-- +goose NO TRANSACTION
-- +goose Up
-- Identities that were made and that nobody can use yet, for the queue of a registration authority.

-- slice: identity
DROP INDEX IF EXISTS identity_pending;
CREATE INDEX CONCURRENTLY identity_pending ON identity (organisation, created_at, uuid) WHERE status = 'pending';
