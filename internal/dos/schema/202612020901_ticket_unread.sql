-- +goose Up
-- What was written to a ticket in another system and could not be read: why, since when, and from what moment on it is
-- to be read again, as that system writes it.

-- slice: ticket
ALTER TABLE ticket_remote ADD COLUMN unread TEXT NOT NULL DEFAULT '';
ALTER TABLE ticket_remote ADD COLUMN unread_at BIGINT;
ALTER TABLE ticket_remote ADD COLUMN unread_from TEXT NOT NULL DEFAULT '';
