-- +goose Up
-- Temporary access passes: each lets somebody add one authenticator who has none that works.
-- swept: authenticator_pass

-- slice: authenticator
CREATE TABLE authenticator_pass (
	id TEXT PRIMARY KEY,
	uuid TEXT NOT NULL,
	kinds TEXT NOT NULL,
	lasts BIGINT NOT NULL,
	asked_by TEXT NOT NULL,
	asked_at BIGINT NOT NULL,
	made_by TEXT NOT NULL,
	made_at BIGINT,
	digest BYTEA,
	ends_at BIGINT NOT NULL,
	used_at BIGINT,
	withdrawn_at BIGINT
);
CREATE INDEX authenticator_pass_by_identity ON authenticator_pass (uuid);
CREATE INDEX authenticator_pass_by_end ON authenticator_pass (ends_at);
