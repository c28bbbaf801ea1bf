-- +goose Up
-- Messages of the programme team that stand above every page of the directory for a while.

-- slice: banner
CREATE TABLE banner (
	id TEXT PRIMARY KEY,
	text TEXT NOT NULL,
	link TEXT NOT NULL,
	link_text TEXT NOT NULL,
	wave_id TEXT NOT NULL,
	begins_at BIGINT,
	ends_at BIGINT NOT NULL,
	made_at BIGINT NOT NULL,
	made_name TEXT NOT NULL,
	up_at BIGINT,
	up_name TEXT NOT NULL DEFAULT '',
	down_at BIGINT,
	down_name TEXT NOT NULL DEFAULT ''
);
CREATE INDEX banner_open ON banner (ends_at) WHERE up_at IS NOT NULL AND down_at IS NULL;
