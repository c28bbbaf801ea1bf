-- +goose Up
-- Things that may be used once, remembered until they end of themselves.
-- bookkeeping: once

-- slice: platform/once
CREATE TABLE once (
	kind TEXT NOT NULL,
	digest BYTEA NOT NULL,
	ends_at BIGINT NOT NULL,
	PRIMARY KEY (kind, digest)
);
CREATE INDEX once_by_end ON once (ends_at);
