-- +goose Up
-- People for whom passwords work as in Choose until a time, whatever the phase of their wave, and what was asked for.

-- slice: wave
CREATE TABLE wave_exception (
	account_id TEXT PRIMARY KEY,
	begun_at BIGINT NOT NULL,
	ends_at BIGINT NOT NULL,
	given_by TEXT NOT NULL,
	given_name TEXT NOT NULL,
	reason TEXT NOT NULL
);
CREATE TABLE wave_exception_request (
	id TEXT PRIMARY KEY,
	account_id TEXT NOT NULL,
	days BIGINT NOT NULL,
	reason TEXT NOT NULL,
	asked_by TEXT NOT NULL,
	asked_name TEXT NOT NULL,
	asked_at BIGINT NOT NULL,
	decided_at BIGINT,
	decided_name TEXT NOT NULL DEFAULT '',
	approved BOOLEAN NOT NULL DEFAULT FALSE,
	answer TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX wave_exception_request_open ON wave_exception_request (account_id) WHERE decided_at IS NULL;
