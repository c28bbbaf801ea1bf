-- +goose Up
-- What became of a link to add an authenticator, who made it and how they saw its owner.

-- slice: authenticator
ALTER TABLE authenticator_invitation ADD COLUMN made_by TEXT NOT NULL DEFAULT '';
ALTER TABLE authenticator_invitation ADD COLUMN witness TEXT NOT NULL DEFAULT '';
ALTER TABLE authenticator_invitation ADD COLUMN opened_at BIGINT;
ALTER TABLE authenticator_invitation ADD COLUMN withdrawn_at BIGINT;
