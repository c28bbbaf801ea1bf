-- +goose Up
-- What registration authorities are asked for. A request is about a care identity, or about somebody who is described;
-- it is asked by a care identity, or by somebody without one. It keeps its number when it is fixed and sent again.

-- slice: request
CREATE TABLE ra_request (
	id TEXT PRIMARY KEY,
	number TEXT NOT NULL UNIQUE,
	kind TEXT NOT NULL,
	subject TEXT NOT NULL,
	name TEXT NOT NULL,
	email TEXT NOT NULL,
	email_proved_at BIGINT,
	organisation TEXT NOT NULL,
	asked_by TEXT NOT NULL,
	asked_at BIGINT NOT NULL,
	sent INTEGER NOT NULL,
	what TEXT NOT NULL,
	reason TEXT NOT NULL,
	state TEXT NOT NULL,
	due_at BIGINT NOT NULL,
	look_by TEXT NOT NULL,
	look_until BIGINT,
	decided_by TEXT NOT NULL,
	decided_at BIGINT,
	decision TEXT NOT NULL,
	notes TEXT NOT NULL,
	swapped BOOLEAN NOT NULL
);
CREATE INDEX ra_request_by_organisation ON ra_request (organisation, state, due_at);
CREATE INDEX ra_request_by_subject ON ra_request (subject, state);
CREATE INDEX ra_request_by_asker ON ra_request (asked_by, asked_at);
CREATE INDEX ra_request_by_decider ON ra_request (decided_by, decided_at);
