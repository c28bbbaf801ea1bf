-- +goose Up
-- What whoever runs the system has decided about who may do what at a registration authority, as JSON, each time anew.

-- slice: registration/officer
CREATE TABLE registration_rules (
	number INTEGER PRIMARY KEY,
	rules TEXT NOT NULL,
	since BIGINT NOT NULL
);
