-- +goose NO TRANSACTION
-- +goose Up
-- Whose a device is already is asked when one is bound; most credentials name none.

-- slice: authenticator/webauthn
DROP INDEX IF EXISTS webauthn_credential_by_device;
CREATE INDEX CONCURRENTLY webauthn_credential_by_device ON webauthn_credential (device) WHERE device <> '';
