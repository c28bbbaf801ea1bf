-- +goose Up
-- Accounts of the directory, their links to care identities, and the waves by which they move.
-- bookkeeping: account_code, signin_logout_token, rollout_answer

-- slice: account
CREATE TABLE account (
	id TEXT PRIMARY KEY,
	username TEXT NOT NULL UNIQUE,
	first_name TEXT NOT NULL,
	last_name TEXT NOT NULL,
	email TEXT NOT NULL,
	email_key TEXT NOT NULL,
	email_since BIGINT NOT NULL,
	email_proved_at BIGINT,
	shared BOOLEAN NOT NULL,
	web_service_only BOOLEAN NOT NULL,
	active BOOLEAN NOT NULL,
	password_hash TEXT NOT NULL,
	organisation TEXT NOT NULL,
	created_at BIGINT NOT NULL,
	relink_until BIGINT
);
CREATE UNIQUE INDEX account_by_email ON account (email_key) WHERE NOT shared AND email_key <> '';

CREATE TABLE account_permission (
	account_id TEXT NOT NULL REFERENCES account (id),
	permission TEXT NOT NULL,
	PRIMARY KEY (account_id, permission)
);

CREATE TABLE account_email_past (
	account_id TEXT NOT NULL REFERENCES account (id),
	email TEXT NOT NULL,
	email_key TEXT NOT NULL,
	since BIGINT NOT NULL,
	until BIGINT NOT NULL
);
CREATE INDEX account_email_past_by_account ON account_email_past (account_id, until);

CREATE TABLE account_code (
	account_id TEXT NOT NULL,
	purpose TEXT NOT NULL,
	email TEXT NOT NULL,
	digest BYTEA NOT NULL,
	ends_at BIGINT NOT NULL,
	asks BIGINT NOT NULL,
	PRIMARY KEY (account_id, purpose)
);

CREATE TABLE account_link (
	account_id TEXT PRIMARY KEY REFERENCES account (id),
	issuer TEXT NOT NULL,
	subject TEXT NOT NULL,
	how TEXT NOT NULL,
	linked_at BIGINT NOT NULL,
	UNIQUE (issuer, subject)
);

CREATE TABLE account_link_past (
	id TEXT PRIMARY KEY,
	account_id TEXT NOT NULL REFERENCES account (id),
	issuer TEXT NOT NULL,
	subject TEXT NOT NULL,
	linked_at BIGINT NOT NULL,
	ended_at BIGINT NOT NULL
);

-- slice: signin
CREATE TABLE signin_logout_token (
	digest BYTEA PRIMARY KEY,
	ends_at BIGINT NOT NULL
);

-- slice: rollout
CREATE TABLE rollout_wave (
	id TEXT PRIMARY KEY,
	name TEXT NOT NULL UNIQUE,
	phase BIGINT NOT NULL,
	choose_at BIGINT,
	require_at BIGINT,
	close_at BIGINT,
	passwords_ended_at BIGINT
);

CREATE TABLE rollout_member (
	account_id TEXT PRIMARY KEY,
	wave_id TEXT NOT NULL REFERENCES rollout_wave (id)
);

CREATE TABLE rollout_answer (
	account_id TEXT NOT NULL,
	question TEXT NOT NULL,
	answer TEXT NOT NULL,
	PRIMARY KEY (account_id, question)
);
