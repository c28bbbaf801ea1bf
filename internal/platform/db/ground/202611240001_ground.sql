-- +goose Up
-- What every site's database has: the audit, the jobs' mail, sessions and flows.
-- bookkeeping: counter, flow, session_use

-- slice: platform/audit
CREATE TABLE event (
	id TEXT PRIMARY KEY,
	kind TEXT NOT NULL,
	actor_kind TEXT NOT NULL,
	actor_id TEXT NOT NULL,
	actor_role TEXT NOT NULL,
	subject_kind TEXT NOT NULL,
	subject_id TEXT NOT NULL,
	request_id TEXT NOT NULL,
	at BIGINT NOT NULL,
	digest BYTEA NOT NULL
);
CREATE INDEX event_by_subject ON event (subject_kind, subject_id, at);
CREATE INDEX event_by_kind ON event (kind, at);
CREATE INDEX event_of_refusal ON event (request_id) WHERE kind LIKE '%.refused';

CREATE TABLE event_detail (
	event_id TEXT PRIMARY KEY REFERENCES event (id),
	actor_name TEXT NOT NULL,
	before_json TEXT NOT NULL,
	after_json TEXT NOT NULL,
	reason TEXT NOT NULL,
	salt BYTEA NOT NULL
);

-- slice: platform/db
CREATE TABLE counter (
	kind TEXT NOT NULL,
	subject TEXT NOT NULL,
	n BIGINT NOT NULL,
	first_at BIGINT NOT NULL,
	last_at BIGINT NOT NULL,
	PRIMARY KEY (kind, subject)
);

-- slice: platform/session
CREATE TABLE session (
	id TEXT PRIMARY KEY,
	site TEXT NOT NULL,
	secret_digest BYTEA NOT NULL,
	subject TEXT NOT NULL,
	sid TEXT NOT NULL,
	state TEXT NOT NULL,
	begun_at BIGINT NOT NULL,
	ends_at BIGINT NOT NULL,
	idle_millis BIGINT NOT NULL
);
CREATE INDEX session_by_subject ON session (site, subject);
CREATE INDEX session_by_sid ON session (site, sid);

CREATE TABLE session_use (
	session_id TEXT PRIMARY KEY,
	used_at BIGINT NOT NULL
);

CREATE TABLE flow (
	id TEXT PRIMARY KEY,
	kind TEXT NOT NULL,
	secret_digest BYTEA NOT NULL,
	state TEXT NOT NULL,
	version BIGINT NOT NULL,
	ends_at BIGINT NOT NULL
);
CREATE INDEX flow_by_end ON flow (ends_at);

-- slice: platform/mail
CREATE TABLE mail (
	id TEXT PRIMARY KEY,
	kind TEXT NOT NULL,
	recipient TEXT NOT NULL,
	sealed BYTEA,
	queued_at BIGINT NOT NULL,
	delivered_at BIGINT
);
