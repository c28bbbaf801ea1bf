-- +goose Up
-- Where the organisation of an account is not known, or its holder has the position at another one, they say where they
-- belong, and an administrator decides.

-- slice: signin
CREATE TABLE organisation_claim (
	account_id TEXT PRIMARY KEY,
	organisation TEXT NOT NULL,
	claimed_at BIGINT NOT NULL,
	refused_at BIGINT
);
CREATE INDEX organisation_claim_waiting ON organisation_claim (claimed_at) WHERE refused_at IS NULL;
