-- +goose Up
-- How urgent a ticket is of its own, and how urgent the tickets that were merged into it made it. Undoing a merge gives
-- back what is its own.

-- slice: ticket
ALTER TABLE ticket ADD COLUMN brought TEXT NOT NULL DEFAULT '';
