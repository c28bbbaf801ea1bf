-- +goose Up
-- Requests for accounts of the directory, and invitations to ask for one. A request of which nobody confirmed the email
-- address ends by itself.
-- bookkeeping: request_review
-- swept: request, request_invitation

-- slice: request
CREATE TABLE request (
	id TEXT PRIMARY KEY,
	state TEXT NOT NULL,
	first_name TEXT NOT NULL,
	last_name TEXT NOT NULL,
	email TEXT NOT NULL,
	email_key TEXT NOT NULL,
	phone TEXT NOT NULL,
	organisation TEXT NOT NULL,
	profession TEXT NOT NULL,
	region TEXT NOT NULL,
	reason TEXT NOT NULL,
	asked_by TEXT NOT NULL,
	invited_by TEXT NOT NULL,
	own_digest BYTEA NOT NULL,
	created_at BIGINT NOT NULL,
	confirmed_at BIGINT,
	issuer TEXT NOT NULL DEFAULT '',
	subject TEXT NOT NULL DEFAULT '',
	claims TEXT NOT NULL DEFAULT '',
	identity_at BIGINT,
	has_identity TEXT NOT NULL DEFAULT '',
	question TEXT NOT NULL DEFAULT '',
	question_at BIGINT,
	answer TEXT NOT NULL DEFAULT '',
	asker_ms BIGINT NOT NULL DEFAULT 0,
	decided_at BIGINT,
	decided_by TEXT NOT NULL DEFAULT '',
	decision TEXT NOT NULL DEFAULT '',
	flagged BOOLEAN NOT NULL DEFAULT FALSE,
	account_id TEXT NOT NULL DEFAULT '',
	linked_at BIGINT,
	entered_at BIGINT,
	ends_at BIGINT
);
CREATE INDEX request_by_state ON request (state, created_at, id);
CREATE INDEX request_by_region ON request (region, state, created_at, id);
CREATE INDEX request_by_email ON request (email_key);
CREATE INDEX request_by_identity ON request (issuer, subject) WHERE subject <> '';
CREATE INDEX request_by_account ON request (account_id) WHERE account_id <> '';
CREATE INDEX request_decided ON request (decided_at);
CREATE INDEX request_ending ON request (ends_at) WHERE ends_at IS NOT NULL;

CREATE TABLE request_review (
	request_id TEXT PRIMARY KEY,
	account_id TEXT NOT NULL,
	name TEXT NOT NULL,
	since BIGINT NOT NULL,
	until BIGINT NOT NULL
);

CREATE TABLE request_invitation (
	id TEXT PRIMARY KEY,
	digest BYTEA NOT NULL,
	first_name TEXT NOT NULL,
	last_name TEXT NOT NULL,
	email TEXT NOT NULL,
	email_key TEXT NOT NULL,
	invited_by TEXT NOT NULL,
	created_at BIGINT NOT NULL,
	ends_at BIGINT NOT NULL
);
CREATE INDEX request_invitation_ending ON request_invitation (ends_at);
CREATE INDEX request_invitation_by_inviter ON request_invitation (invited_by, created_at);
