-- +goose Up
-- An earlier address as it was written, if it had been proved to be its owner's: mail about changes goes there for a
-- while.

-- slice: identity
ALTER TABLE identity_email_past ADD COLUMN proved TEXT NOT NULL DEFAULT '';
