-- +goose Up
-- Clients' assertions are remembered with everything else that may be used once.
INSERT INTO once (kind, digest, ends_at) SELECT 'client-assertion ' || client_id, jti_digest, ends_at FROM provider_jti;
DROP TABLE provider_jti;
