-- +goose NO TRANSACTION
-- +goose Up
-- The credentials of a model are judged again when something else is known of it.

-- slice: authenticator/webauthn
DROP INDEX IF EXISTS webauthn_credential_by_model;
CREATE INDEX CONCURRENTLY webauthn_credential_by_model ON webauthn_credential (aaguid, authenticator_id);
