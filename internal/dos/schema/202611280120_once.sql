-- +goose Up
-- Logout tokens are remembered with everything else that may be used once.
INSERT INTO once (kind, digest, ends_at) SELECT 'logout-token', digest, ends_at FROM signin_logout_token;
DROP TABLE signin_logout_token;
