-- +goose Up
-- Shared accounts become people: who says that they use one, who is confirmed, and use that nobody has claimed.
-- bookkeeping: shared_use

-- slice: account
ALTER TABLE account ADD COLUMN reading_only BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE account ADD COLUMN retire_at BIGINT;

-- slice: shared
CREATE TABLE shared_case (
	account_id TEXT PRIMARY KEY,
	state TEXT NOT NULL,
	opened_at BIGINT NOT NULL,
	opened_by TEXT NOT NULL,
	retires_at BIGINT NOT NULL,
	told_at BIGINT
);
CREATE INDEX shared_case_by_state ON shared_case (state, retires_at);

CREATE TABLE shared_claim (
	id TEXT PRIMARY KEY,
	account_id TEXT NOT NULL REFERENCES shared_case (account_id),
	first_name TEXT NOT NULL,
	last_name TEXT NOT NULL,
	email TEXT NOT NULL,
	email_key TEXT NOT NULL,
	organisation TEXT NOT NULL,
	given BOOLEAN NOT NULL,
	state TEXT NOT NULL,
	merged_into TEXT NOT NULL DEFAULT '',
	made_at BIGINT NOT NULL,
	decided_at BIGINT,
	decided_by TEXT NOT NULL DEFAULT '',
	reason TEXT NOT NULL DEFAULT '',
	own_digest BYTEA NOT NULL,
	UNIQUE (account_id, email_key)
);

CREATE TABLE shared_use (
	session_id TEXT PRIMARY KEY,
	account_id TEXT NOT NULL,
	at BIGINT NOT NULL,
	network TEXT NOT NULL,
	browser TEXT NOT NULL,
	answered BOOLEAN NOT NULL,
	claim_id TEXT NOT NULL,
	ends_at BIGINT NOT NULL
);
CREATE INDEX shared_use_by_account ON shared_use (account_id, at);
CREATE INDEX shared_use_by_end ON shared_use (ends_at);
