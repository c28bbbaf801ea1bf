-- +goose Up
-- What the FIDO Alliance publishes about models of authenticators, and why a credential has a lower level than its kind
-- can have. No attestation was asked for before: whatever was called AAL3 on its word alone is AAL2.

-- slice: authenticator
ALTER TABLE authenticator ADD COLUMN level_why TEXT NOT NULL DEFAULT '';
UPDATE authenticator SET level = 2, level_why = 'unattested'
	WHERE level = 3 AND kind IN ('security_key', 'windows_hello') AND NOT simulated;

-- slice: authenticator/webauthn
ALTER TABLE webauthn_credential ADD COLUMN aaguid TEXT NOT NULL DEFAULT '';

-- slice: metadata
-- rewritten: metadata_issue
CREATE TABLE metadata_issue (
	number BIGINT PRIMARY KEY,
	next_update BIGINT NOT NULL,
	imported_at BIGINT NOT NULL
);
-- rewritten: metadata_model
CREATE TABLE metadata_model (
	aaguid TEXT PRIMARY KEY,
	entry TEXT NOT NULL,
	judged BIGINT NOT NULL
);
