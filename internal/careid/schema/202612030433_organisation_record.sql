-- +goose Up
-- Organisations come from lists of the Organisation Data Service, and an import can be undone.
-- bookkeeping: import_stage

-- slice: organisation
ALTER TABLE organisation ADD COLUMN status TEXT NOT NULL DEFAULT '';
CREATE TABLE organisation_record (
	code TEXT PRIMARY KEY REFERENCES organisation (code),
	record TEXT NOT NULL,
	written_at BIGINT NOT NULL
);

-- slice: platform/records
CREATE TABLE import (
	id TEXT PRIMARY KEY,
	kind TEXT NOT NULL,
	begun_at BIGINT NOT NULL,
	total BIGINT NOT NULL,
	written BIGINT NOT NULL,
	finished_at BIGINT,
	undone_at BIGINT
);

CREATE TABLE import_stage (
	import_id TEXT NOT NULL,
	number BIGINT NOT NULL,
	record_key TEXT NOT NULL,
	record TEXT NOT NULL,
	PRIMARY KEY (import_id, number)
);

CREATE TABLE import_change (
	import_id TEXT NOT NULL,
	number BIGINT NOT NULL,
	record_key TEXT NOT NULL,
	before TEXT NOT NULL,
	after TEXT NOT NULL,
	PRIMARY KEY (import_id, number)
);
