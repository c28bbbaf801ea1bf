-- +goose Up
-- Which addresses a care identity had before, and what the staff record says, so that a directory can be told how its
-- addresses went apart from those of care identities. Addresses that were changed before this are not here.

-- slice: identity
CREATE TABLE identity_email_past (
	uuid TEXT NOT NULL REFERENCES identity (uuid),
	email_canonical TEXT NOT NULL,
	since BIGINT NOT NULL,
	until BIGINT NOT NULL
);
CREATE INDEX identity_email_past_by_email ON identity_email_past (email_canonical);
CREATE INDEX identity_email_past_by_identity ON identity_email_past (uuid);

-- slice: esr
CREATE TABLE staff_record (
	uuid TEXT PRIMARY KEY,
	email TEXT NOT NULL,
	email_canonical TEXT NOT NULL,
	left_at BIGINT,
	read_at BIGINT NOT NULL
);
