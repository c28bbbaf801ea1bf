-- +goose Up
-- Where refusals came from, as much of it as policy allows. Forgotten after a time.
-- swept: event_address

-- slice: platform/audit
CREATE TABLE event_address (
	event_id TEXT PRIMARY KEY,
	address TEXT NOT NULL,
	at BIGINT NOT NULL
);
CREATE INDEX event_address_at ON event_address (at);
