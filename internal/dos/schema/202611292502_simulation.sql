-- +goose Up
-- Results of simulations that somebody kept, to see later what has changed since.

-- slice: rollout
CREATE TABLE simulation (
	id TEXT PRIMARY KEY,
	saved_at BIGINT NOT NULL,
	saved_by TEXT NOT NULL, -- an account's id, or the name of who is none
	saved_name TEXT NOT NULL,
	wave_id TEXT NOT NULL,
	phase BIGINT NOT NULL,
	accounts BIGINT NOT NULL,
	locked_out BIGINT NOT NULL,
	already BIGINT NOT NULL,
	people BYTEA NOT NULL -- ids of the accounts that would have been locked out, one a line, compressed
);
CREATE INDEX simulation_by_switch ON simulation (wave_id, phase, saved_at);
