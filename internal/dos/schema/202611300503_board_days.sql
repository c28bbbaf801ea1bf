-- +goose Up
-- How far everybody was on each day, by organisation and, as organisation *, by region; and who moved on or fell back when.
-- A day on which nothing was kept is not there.
-- bookkeeping: rollout_day, rollout_day_count, rollout_move

-- slice: rollout
CREATE TABLE rollout_day (
	day TEXT PRIMARY KEY, -- as 2026-11-30, in London
	at BIGINT NOT NULL, -- when it was counted
	over_at BIGINT NOT NULL
);
CREATE INDEX rollout_day_over ON rollout_day (over_at);
CREATE TABLE rollout_day_count (
	organisation TEXT NOT NULL,
	region TEXT NOT NULL,
	wave_id TEXT NOT NULL, -- empty for none
	day TEXT NOT NULL,
	moved BIGINT NOT NULL,
	ready BIGINT NOT NULL,
	unsure BIGINT NOT NULL,
	blocked BIGINT NOT NULL,
	over_at BIGINT NOT NULL,
	PRIMARY KEY (organisation, region, wave_id, day)
);
CREATE INDEX rollout_day_count_over ON rollout_day_count (over_at);
CREATE TABLE rollout_move (
	account_id TEXT NOT NULL,
	at BIGINT NOT NULL, -- when it was counted as what it became
	region TEXT NOT NULL, -- where it was then
	organisation TEXT NOT NULL,
	wave_id TEXT NOT NULL,
	authority TEXT NOT NULL, -- ODS code of the registration authority that was said last; empty for none
	was TEXT NOT NULL, -- states, as package planning names them
	became TEXT NOT NULL,
	owner TEXT NOT NULL, -- who had to act; empty for nobody
	next_owner TEXT NOT NULL, -- who has to act now
	PRIMARY KEY (account_id, at)
);
CREATE INDEX rollout_move_at ON rollout_move (at);
CREATE INDEX rollout_move_by_organisation ON rollout_move (organisation, at);
