-- +goose NO TRANSACTION
-- +goose Up
-- Those of which it is due to look whether they were used.

-- slice: authenticator
DROP INDEX IF EXISTS authenticator_by_care;
CREATE INDEX CONCURRENTLY authenticator_by_care ON authenticator (care_due_at) WHERE care_due_at IS NOT NULL;
