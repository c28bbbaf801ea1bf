-- +goose Up
-- Codes are kept as a digest under the master key. That of an older code was made without a key, so that code
-- has ended; how many were asked for still counts.
INSERT INTO mailed_code (purpose, subject, flow, address, digest, ends_at, asks)
	SELECT 'identity.email', uuid, '', email, substr(code_digest, 1, 0), ends_at, asks FROM identity_email_code;
DROP TABLE identity_email_code;
