-- +goose Up
-- The directory: services, where they are, when they are open, what they can take, and imports.
-- bookkeeping: import_stage

-- slice: directory
CREATE TABLE service (
	id TEXT PRIMARY KEY,
	uid TEXT NOT NULL UNIQUE,
	source_key TEXT UNIQUE,
	name TEXT NOT NULL,
	public_name TEXT NOT NULL,
	words TEXT NOT NULL,
	type_id BIGINT NOT NULL,
	status BIGINT NOT NULL,
	ods_code TEXT NOT NULL,
	address TEXT NOT NULL,
	postcode TEXT NOT NULL,
	latitude DOUBLE PRECISION,
	longitude DOUBLE PRECISION,
	approximate BOOLEAN NOT NULL,
	public_phone TEXT NOT NULL,
	professional_phone TEXT NOT NULL,
	email TEXT NOT NULL,
	web TEXT NOT NULL,
	all_hours BOOLEAN NOT NULL,
	hours TEXT NOT NULL,
	capacity TEXT NOT NULL,
	capacity_notes TEXT NOT NULL,
	capacity_at BIGINT,
	capacity_by TEXT NOT NULL,
	capacity_until BIGINT,
	changed_at BIGINT NOT NULL
);
CREATE INDEX service_by_place ON service (latitude, longitude);
CREATE INDEX service_by_ods_code ON service (ods_code);

CREATE TABLE service_uid (
	name TEXT PRIMARY KEY,
	last BIGINT NOT NULL
);

CREATE TABLE service_history (
	id TEXT PRIMARY KEY,
	service_id TEXT NOT NULL,
	field TEXT NOT NULL,
	before TEXT NOT NULL,
	after TEXT NOT NULL,
	changed_by TEXT NOT NULL,
	changed_by_kind TEXT NOT NULL,
	changed_at BIGINT NOT NULL
);
CREATE INDEX service_history_by_service ON service_history (service_id, changed_at);

CREATE TABLE ods_organisation (
	code TEXT PRIMARY KEY,
	name TEXT NOT NULL,
	status TEXT NOT NULL,
	setting TEXT NOT NULL,
	address TEXT NOT NULL,
	postcode TEXT NOT NULL,
	phone TEXT NOT NULL
);

CREATE TABLE place (
	outcode TEXT PRIMARY KEY,
	latitude DOUBLE PRECISION NOT NULL,
	longitude DOUBLE PRECISION NOT NULL
);

CREATE TABLE change (
	name TEXT PRIMARY KEY,
	n BIGINT NOT NULL
);

-- slice: directory/importing
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
