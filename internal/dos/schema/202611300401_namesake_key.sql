-- +goose Up
-- Accounts of one name at one organisation know what their names have in common, folded. The column before, namesake, is
-- written by nobody any more; nodes of the version before read it.

-- slice: account
ALTER TABLE account ADD COLUMN namesake_key TEXT NOT NULL DEFAULT '';
