-- +goose Up
-- How whoever asked for a temporary access pass knows whom it is for, as they put it.

-- slice: authenticator
ALTER TABLE authenticator_pass ADD COLUMN reason TEXT NOT NULL DEFAULT '';
