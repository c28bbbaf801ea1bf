-- +goose Up
-- Why sessions were ended before their time, for browsers that come with one of them.
-- bookkeeping: session_ended

-- slice: platform/session
CREATE TABLE session_ended (
	session_id TEXT PRIMARY KEY,
	secret_digest BYTEA NOT NULL,
	reason TEXT NOT NULL,
	over_at BIGINT NOT NULL
);
CREATE INDEX session_ended_over ON session_ended (over_at);
