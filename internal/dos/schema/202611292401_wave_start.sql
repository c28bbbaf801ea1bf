-- +goose Up
-- Each move of a wave forward keeps which accounts were in it and the phase that held for each before, sealed, so that it
-- can be undone for exactly these.

-- slice: wave
CREATE TABLE wave_start (
	id TEXT PRIMARY KEY,
	wave_id TEXT NOT NULL REFERENCES wave (id),
	from_phase BIGINT NOT NULL,
	to_phase BIGINT NOT NULL,
	started_at BIGINT,
	started_by TEXT NOT NULL DEFAULT '',
	started_name TEXT NOT NULL DEFAULT '',
	reason TEXT NOT NULL DEFAULT '',
	members BIGINT NOT NULL DEFAULT 0,
	seal BYTEA,
	apart_wave TEXT NOT NULL DEFAULT '',
	undone_at BIGINT,
	undone_name TEXT NOT NULL DEFAULT '',
	undone_reason TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX wave_start_unfinished ON wave_start (wave_id) WHERE started_at IS NULL;
CREATE INDEX wave_start_by_wave ON wave_start (wave_id, started_at);

CREATE TABLE wave_start_member (
	start_id TEXT NOT NULL REFERENCES wave_start (id),
	account_id TEXT NOT NULL,
	phase BIGINT NOT NULL,
	PRIMARY KEY (start_id, account_id)
);
