-- +goose Up
-- Authenticators of care identities, and the OpenID Provider: clients, codes, tokens.
-- bookkeeping: authenticator_use, provider_jti, provider_notice, provider_client_refusal

-- slice: authenticator
CREATE TABLE authenticator (
	id TEXT PRIMARY KEY,
	uuid TEXT NOT NULL,
	kind TEXT NOT NULL,
	level BIGINT NOT NULL,
	name TEXT NOT NULL,
	status TEXT NOT NULL,
	simulated BOOLEAN NOT NULL,
	bound_at BIGINT NOT NULL
);
CREATE INDEX authenticator_by_identity ON authenticator (uuid);

CREATE TABLE authenticator_use (
	authenticator_id TEXT PRIMARY KEY,
	used_at BIGINT NOT NULL
);

CREATE TABLE authenticator_invitation (
	id TEXT PRIMARY KEY,
	uuid TEXT NOT NULL,
	kinds TEXT NOT NULL,
	token_digest BYTEA NOT NULL UNIQUE,
	made_at BIGINT NOT NULL,
	ends_at BIGINT NOT NULL,
	mails BIGINT NOT NULL,
	used_at BIGINT
);
CREATE INDEX authenticator_invitation_by_identity ON authenticator_invitation (uuid);

-- slice: authenticator/webauthn
CREATE TABLE webauthn_user (
	uuid TEXT PRIMARY KEY,
	handle BYTEA NOT NULL UNIQUE
);

-- rewritten: webauthn_credential
CREATE TABLE webauthn_credential (
	authenticator_id TEXT PRIMARY KEY REFERENCES authenticator (id),
	credential_id BYTEA NOT NULL UNIQUE,
	uuid TEXT NOT NULL,
	record TEXT NOT NULL,
	sign_count BIGINT NOT NULL
);
CREATE INDEX webauthn_credential_by_identity ON webauthn_credential (uuid);

-- slice: authenticator/totp
-- rewritten: totp_secret
CREATE TABLE totp_secret (
	authenticator_id TEXT PRIMARY KEY REFERENCES authenticator (id),
	uuid TEXT NOT NULL,
	sealed BYTEA NOT NULL,
	password_hash TEXT NOT NULL,
	last_step BIGINT NOT NULL
);
CREATE INDEX totp_secret_by_identity ON totp_secret (uuid);

-- slice: provider/team
CREATE TABLE provider_team (
	id TEXT PRIMARY KEY,
	name TEXT NOT NULL,
	made_at BIGINT NOT NULL
);

CREATE TABLE provider_team_member (
	team_id TEXT NOT NULL REFERENCES provider_team (id),
	uuid TEXT NOT NULL,
	since BIGINT NOT NULL,
	PRIMARY KEY (team_id, uuid)
);
CREATE INDEX provider_team_member_by_identity ON provider_team_member (uuid);

CREATE TABLE provider_team_invitation (
	id TEXT PRIMARY KEY,
	team_id TEXT NOT NULL REFERENCES provider_team (id),
	shown TEXT NOT NULL,
	meant TEXT NOT NULL,
	made_at BIGINT NOT NULL,
	UNIQUE (team_id, meant)
);
CREATE INDEX provider_team_invitation_by_meant ON provider_team_invitation (meant);

-- slice: provider/client
CREATE TABLE provider_client (
	client_id TEXT PRIMARY KEY,
	team_id TEXT NOT NULL,
	settings TEXT NOT NULL,
	secret_digest BYTEA,
	secret_made_at BIGINT,
	old_secret_digest BYTEA,
	old_secret_ends_at BIGINT,
	status TEXT NOT NULL,
	version BIGINT NOT NULL,
	registered_at BIGINT NOT NULL
);
CREATE INDEX provider_client_by_team ON provider_client (team_id);

CREATE TABLE provider_client_refusal (
	id TEXT PRIMARY KEY,
	client_id TEXT NOT NULL,
	place TEXT NOT NULL,
	code TEXT NOT NULL,
	reason TEXT NOT NULL,
	times BIGINT NOT NULL,
	first_at BIGINT NOT NULL,
	last_at BIGINT NOT NULL,
	UNIQUE (client_id, place, code, reason)
);
CREATE INDEX provider_client_refusal_by_client ON provider_client_refusal (client_id, place, last_at);

-- slice: provider
CREATE TABLE provider_jti (
	client_id TEXT NOT NULL,
	jti_digest BYTEA NOT NULL,
	ends_at BIGINT NOT NULL,
	PRIMARY KEY (client_id, jti_digest)
);
CREATE INDEX provider_jti_by_end ON provider_jti (ends_at);

CREATE TABLE provider_code (
	digest BYTEA PRIMARY KEY,
	client_id TEXT NOT NULL,
	sid TEXT NOT NULL,
	granted TEXT NOT NULL,
	ends_at BIGINT NOT NULL,
	spent_at BIGINT
);
CREATE INDEX provider_code_by_end ON provider_code (ends_at);
CREATE INDEX provider_code_by_sid ON provider_code (sid);

CREATE TABLE provider_token (
	digest BYTEA PRIMARY KEY,
	code_digest BYTEA NOT NULL,
	client_id TEXT NOT NULL,
	sid TEXT NOT NULL,
	granted TEXT NOT NULL,
	issued_at BIGINT NOT NULL,
	ends_at BIGINT NOT NULL,
	revoked_at BIGINT
);
CREATE INDEX provider_token_by_code ON provider_token (code_digest);
CREATE INDEX provider_token_by_sid ON provider_token (sid);
CREATE INDEX provider_token_by_end ON provider_token (ends_at);

-- slice: provider/backchannel
CREATE TABLE provider_visit (
	sid TEXT NOT NULL,
	client_id TEXT NOT NULL,
	uuid TEXT NOT NULL,
	at BIGINT NOT NULL,
	PRIMARY KEY (sid, client_id)
);

CREATE TABLE provider_notice (
	id TEXT PRIMARY KEY,
	client_id TEXT NOT NULL,
	sid TEXT NOT NULL,
	uuid TEXT NOT NULL,
	made_at BIGINT NOT NULL,
	round BIGINT NOT NULL,
	round_at BIGINT NOT NULL,
	state TEXT NOT NULL,
	tries BIGINT NOT NULL,
	tried_at BIGINT,
	answer TEXT NOT NULL,
	next_at BIGINT
);
CREATE INDEX provider_notice_by_client ON provider_notice (client_id, made_at);
CREATE INDEX provider_notice_by_state ON provider_notice (client_id, state);
CREATE INDEX provider_notice_by_person ON provider_notice (uuid, made_at);
