-- +goose Up
-- When an authenticator was first used, and when it is next looked whether a new one was. Of those that were there
-- before it is not known; they count as used.

-- slice: authenticator
ALTER TABLE authenticator ADD COLUMN first_used_at BIGINT;
ALTER TABLE authenticator ADD COLUMN care_due_at BIGINT;
UPDATE authenticator SET first_used_at = bound_at;
