-- +goose Up
-- The accounts elsewhere, such as at NHS.net Connect, by which people prove themselves: each by who vouches for it and
-- by that provider's own name for it, never by an email address.

-- slice: authenticator/upstream
CREATE TABLE upstream_account (
	issuer TEXT NOT NULL,
	subject TEXT NOT NULL,
	authenticator_id TEXT NOT NULL REFERENCES authenticator (id),
	uuid TEXT NOT NULL,
	PRIMARY KEY (issuer, subject)
);
CREATE INDEX upstream_account_by_authenticator ON upstream_account (authenticator_id);
