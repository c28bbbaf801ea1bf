-- +goose Up
-- Limits at which a wave is paused by itself, where they are not the usual ones, and when a pause last ended: from then
-- on it is counted anew.

-- slice: guardrail
CREATE TABLE guard_limit (
	wave_id TEXT NOT NULL,
	measure TEXT NOT NULL,
	people BIGINT NOT NULL, -- more than so many are too many
	permille BIGINT NOT NULL, -- and more than so many of a thousand people in the wave
	PRIMARY KEY (wave_id, measure)
);

-- slice: wave
ALTER TABLE wave ADD COLUMN resumed_at BIGINT;
