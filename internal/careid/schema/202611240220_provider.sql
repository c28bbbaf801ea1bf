-- +goose Up
-- Authenticators of care identities, and the OpenID Provider: clients, keys, codes, tokens.
-- bookkeeping: authenticator_use, provider_jti, provider_notice

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

CREATE TABLE webauthn_credential (
	authenticator_id TEXT PRIMARY KEY REFERENCES authenticator (id),
	credential_id BYTEA NOT NULL UNIQUE,
	uuid TEXT NOT NULL,
	record TEXT NOT NULL,
	sign_count BIGINT NOT NULL
);
CREATE INDEX webauthn_credential_by_identity ON webauthn_credential (uuid);

-- slice: authenticator/totp
CREATE TABLE totp_secret (
	authenticator_id TEXT PRIMARY KEY REFERENCES authenticator (id),
	uuid TEXT NOT NULL,
	sealed BYTEA NOT NULL,
	password_hash TEXT NOT NULL,
	last_step BIGINT NOT NULL
);
CREATE INDEX totp_secret_by_identity ON totp_secret (uuid);

-- slice: provider/client
CREATE TABLE provider_client (
	client_id TEXT PRIMARY KEY,
	name TEXT NOT NULL,
	auth_method TEXT NOT NULL,
	alg TEXT NOT NULL,
	secret_digest BYTEA,
	jwks TEXT NOT NULL,
	jwks_uri TEXT NOT NULL,
	redirect_uris TEXT NOT NULL,
	post_logout_uris TEXT NOT NULL,
	backchannel_logout_uri TEXT NOT NULL,
	scopes TEXT NOT NULL,
	require_pkce BOOLEAN NOT NULL,
	status TEXT NOT NULL,
	registered_at BIGINT NOT NULL
);

-- slice: provider/key
CREATE TABLE provider_key (
	kid TEXT PRIMARY KEY,
	alg TEXT NOT NULL,
	sealed BYTEA NOT NULL,
	made_at BIGINT NOT NULL,
	retired_at BIGINT
);

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
	delivered_at BIGINT,
	tries BIGINT NOT NULL,
	last_error TEXT NOT NULL
);
CREATE INDEX provider_notice_by_client ON provider_notice (client_id, made_at);
