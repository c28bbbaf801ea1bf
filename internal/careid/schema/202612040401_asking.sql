-- +goose Up
-- What somebody without a login asks of a registration authority: the number of a care identity that they say is
-- theirs, and by which address and from which network it was asked, for the limits.

ALTER TABLE ra_request ADD COLUMN stated TEXT NOT NULL DEFAULT '';

-- slice: request/asker
CREATE TABLE ra_asked (
	request TEXT PRIMARY KEY,
	email_key TEXT NOT NULL,
	network TEXT NOT NULL,
	asked_at BIGINT NOT NULL
);
CREATE INDEX ra_asked_by_email ON ra_asked (email_key);
CREATE INDEX ra_asked_by_network ON ra_asked (network, asked_at);
