-- +goose Up
-- Accounts whose address is not that of their holder's Care Identity, as the last comparison found them, and how far a
-- comparison of all has come.
-- bookkeeping: drift_run

-- slice: drift
CREATE TABLE drift (
	account_id TEXT PRIMARY KEY,
	cause TEXT NOT NULL,
	ours TEXT NOT NULL,
	theirs TEXT NOT NULL,
	staff TEXT NOT NULL,
	changed TEXT NOT NULL,
	linked BOOLEAN NOT NULL,
	found_at BIGINT NOT NULL,
	state TEXT NOT NULL,
	decided_by TEXT NOT NULL DEFAULT '',
	decided_name TEXT NOT NULL DEFAULT '',
	decided_at BIGINT,
	reason TEXT NOT NULL DEFAULT ''
);
CREATE INDEX drift_by_state ON drift (state, found_at, account_id);
CREATE INDEX drift_by_cause ON drift (state, cause, found_at, account_id);

-- slice: drift
CREATE TABLE drift_run (
	id BIGINT PRIMARY KEY,
	begun_at BIGINT NOT NULL,
	ended_at BIGINT,
	reached TEXT NOT NULL,
	compared BIGINT NOT NULL
);
