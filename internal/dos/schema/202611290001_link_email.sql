-- +goose Up
-- Whoever's Care Identity was linked is told of an undo at the address that the Care Identity had at the link. Links of
-- before have none.

-- slice: account
ALTER TABLE account_link ADD COLUMN their_email TEXT NOT NULL DEFAULT '';
