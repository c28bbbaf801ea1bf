-- +goose Up
-- Logout tokens and the tokens of those who ask the extract are remembered with everything else that may be
-- used once.
INSERT INTO once (kind, digest, ends_at) SELECT 'logout-token', digest, ends_at FROM console_logout_token;
DROP TABLE console_logout_token;
INSERT INTO once (kind, digest, ends_at) SELECT 'extract-token', digest, ends_at FROM extract_token;
DROP TABLE extract_token;
