-- +goose Up
-- Mails that an administrator writes to many people at once, and who was mailed.

-- slice: mailing
CREATE TABLE mailing (
	id TEXT PRIMARY KEY,
	state TEXT NOT NULL,
	search TEXT NOT NULL,
	text TEXT NOT NULL,
	written_by TEXT NOT NULL,
	written_name TEXT NOT NULL,
	written_at BIGINT NOT NULL,
	total BIGINT NOT NULL,
	reached TEXT NOT NULL DEFAULT '',
	sent BIGINT NOT NULL DEFAULT 0,
	skipped BIGINT NOT NULL DEFAULT 0,
	begun_at BIGINT,
	ended_at BIGINT,
	ended_name TEXT NOT NULL DEFAULT ''
);
CREATE INDEX mailing_by_writer ON mailing (written_by, written_at);

CREATE TABLE mailing_recipient (
	mailing_id TEXT NOT NULL REFERENCES mailing (id),
	account_id TEXT NOT NULL,
	username TEXT NOT NULL,
	mailed_at BIGINT NOT NULL,
	PRIMARY KEY (mailing_id, username)
);
CREATE INDEX mailing_recipient_by_account ON mailing_recipient (account_id, mailed_at);
