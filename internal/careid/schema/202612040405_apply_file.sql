-- +goose Up
-- swept: application_file, application_row
-- Files of people who are to be invited. Each row stands sealed until it is invited or refused, and all of a file goes
-- some days later.

-- slice: apply
CREATE TABLE application_file (
	id TEXT PRIMARY KEY,
	inviter TEXT NOT NULL,
	heading TEXT NOT NULL,
	made_at BIGINT NOT NULL,
	sent_at BIGINT,
	over_at BIGINT NOT NULL
);
CREATE INDEX application_file_over ON application_file (over_at);

CREATE TABLE application_row (
	file TEXT NOT NULL,
	number INTEGER NOT NULL,
	sealed BYTEA NOT NULL,
	state TEXT NOT NULL,
	problem TEXT NOT NULL,
	over_at BIGINT NOT NULL,
	PRIMARY KEY (file, number)
);
CREATE INDEX application_row_over ON application_row (over_at);
