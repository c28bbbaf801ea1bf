-- +goose Up
-- A code is used up by taking it away: what it gave knows it.

-- slice: provider
DELETE FROM provider_code WHERE spent_at IS NOT NULL;
ALTER TABLE provider_code DROP COLUMN spent_at;
