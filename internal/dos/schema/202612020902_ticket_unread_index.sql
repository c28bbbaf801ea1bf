-- +goose NO TRANSACTION
-- +goose Up
-- The few tickets of which something could not be read are found by an index.

-- slice: ticket
DROP INDEX IF EXISTS ticket_remote_unread;
CREATE INDEX CONCURRENTLY ticket_remote_unread ON ticket_remote (unread_at) WHERE unread <> '';
