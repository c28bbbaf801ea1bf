-- +goose Up
-- What was told of each month of the move. It stays as it was told: tickets and lock-outs that it counted are forgotten
-- in their time.

-- slice: rollout
CREATE TABLE rollout_month (
	month TEXT PRIMARY KEY, -- in London: 2026-11
	told_at BIGINT NOT NULL,
	results TEXT NOT NULL -- JSON, without anybody's name
);
