-- +goose Up
-- The device that holds a credential, where its management attests it: one device is for one person.

-- slice: authenticator/webauthn
ALTER TABLE webauthn_credential ADD COLUMN device TEXT NOT NULL DEFAULT '';
