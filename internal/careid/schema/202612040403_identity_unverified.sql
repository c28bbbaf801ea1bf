-- +goose NO TRANSACTION
-- +goose Up
-- Identities brought from elsewhere whose documents nobody has seen, for the queue of a registration authority.

-- slice: identity
DROP INDEX IF EXISTS identity_unverified;
CREATE INDEX CONCURRENTLY identity_unverified ON identity (organisation, created_at, uuid)
	WHERE status = 'active' AND kind = 'migrated' AND verified = FALSE;
