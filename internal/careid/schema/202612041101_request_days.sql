-- +goose Up
-- How many working days registration authorities have for what they are asked for, each time it was decided anew.

-- slice: request
CREATE TABLE ra_request_days (
	number INTEGER PRIMARY KEY,
	days INTEGER NOT NULL,
	since BIGINT NOT NULL
);
