-- +goose Up
-- Messages that go to many addresses, until all of them were mailed.
-- swept: mail_circular

-- slice: platform/mail
CREATE TABLE mail_circular (
	id TEXT PRIMARY KEY,
	kind TEXT NOT NULL,
	sealed BYTEA NOT NULL,
	told BIGINT NOT NULL,
	queued_at BIGINT NOT NULL
);
CREATE INDEX mail_circular_by_age ON mail_circular (queued_at);
