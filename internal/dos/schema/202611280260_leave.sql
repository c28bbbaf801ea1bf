-- +goose Up
-- An administrator's leave to link without the password is bound to a code, which they hand over. A leave of before has
-- none: it has ended, and is given again.

-- slice: account
ALTER TABLE account ADD COLUMN relink_digest BYTEA;
