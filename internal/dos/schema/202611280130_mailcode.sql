-- +goose Up
-- Codes are kept as a digest under the master key. That of an older code was made without a key, so that code
-- has ended; how many were asked for still counts.
INSERT INTO mailed_code (purpose, subject, flow, address, digest, ends_at, asks)
	SELECT 'account.' || purpose, account_id, '', email, substr(digest, 1, 0), ends_at, asks FROM account_code;
DROP TABLE account_code;
