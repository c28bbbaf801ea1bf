-- +goose Up
-- The records of tickets in another system, and which messages were sent there. What a power cut loses is found again by
-- the correlation of the record and the mark in the message.
-- bookkeeping: ticket_remote, ticket_remote_message, ticket_remote_cursor

-- slice: ticket
CREATE TABLE ticket_remote (
	ticket_id TEXT PRIMARY KEY,
	sys_id TEXT NOT NULL,
	number TEXT NOT NULL,
	state TEXT NOT NULL,
	problem TEXT NOT NULL,
	pushed TEXT NOT NULL,
	changed_at BIGINT NOT NULL
);
CREATE INDEX ticket_remote_refused ON ticket_remote (changed_at) WHERE problem <> '';
CREATE INDEX ticket_remote_over ON ticket_remote (changed_at);

CREATE TABLE ticket_remote_message (
	message_id TEXT PRIMARY KEY,
	ticket_id TEXT NOT NULL,
	sent_at BIGINT
);
CREATE INDEX ticket_remote_message_by_ticket ON ticket_remote_message (ticket_id);
CREATE INDEX ticket_remote_message_over ON ticket_remote_message (sent_at);

CREATE TABLE ticket_remote_cursor (
	name TEXT PRIMARY KEY,
	seen TEXT NOT NULL
);
