-- +goose Up
-- Whose turn it is to send a ticket to another system, and until when: two that send at once would both make a record.

-- slice: ticket
ALTER TABLE ticket_remote ADD COLUMN turn_of TEXT NOT NULL DEFAULT '';
ALTER TABLE ticket_remote ADD COLUMN turn_until BIGINT NOT NULL DEFAULT 0;
