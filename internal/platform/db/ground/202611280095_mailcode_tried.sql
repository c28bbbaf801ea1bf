-- +goose Up
-- The digest of the last wrong code that was typed: the same one once more, as a second click sends it, counts nothing.

-- slice: platform/mailcode
ALTER TABLE mailed_code ADD COLUMN tried BYTEA;
