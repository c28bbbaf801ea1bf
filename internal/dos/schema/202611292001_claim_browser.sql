-- +goose Up
-- Claims to a shared account that wait are counted by the browser in which they were made, too.

-- slice: shared
ALTER TABLE shared_claim ADD COLUMN browser TEXT NOT NULL DEFAULT '';
