-- +goose Up
-- How far the closing of an identity is, so that it can be taken up where it stopped, and notes about people.

-- slice: registration/life
CREATE TABLE identity_closing (
	uuid TEXT PRIMARY KEY,
	reason TEXT NOT NULL,
	begun_by TEXT NOT NULL,
	begun_at BIGINT NOT NULL,
	done TEXT NOT NULL
);

-- slice: identity/note
CREATE TABLE identity_note (
	id TEXT PRIMARY KEY,
	uuid TEXT NOT NULL,
	text TEXT NOT NULL,
	written_by TEXT NOT NULL,
	written_at BIGINT NOT NULL
);
CREATE INDEX identity_note_by_identity ON identity_note (uuid, written_at);
