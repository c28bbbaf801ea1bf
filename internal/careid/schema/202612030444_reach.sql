-- +goose Up
-- How a registration authority is reached, and when it is open.

-- slice: hosting
CREATE TABLE ra_reach (
	code TEXT PRIMARY KEY,
	email TEXT NOT NULL,
	phone TEXT NOT NULL,
	web TEXT NOT NULL,
	place TEXT NOT NULL,
	hours TEXT NOT NULL,
	holidays TEXT NOT NULL,
	set_by TEXT NOT NULL,
	set_at BIGINT NOT NULL
);
