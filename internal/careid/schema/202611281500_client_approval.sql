-- +goose Up
-- A client is on trial until an operator approves it. Those that people could log in to before are approved.

-- slice: provider/client
ALTER TABLE provider_client ADD COLUMN approved_at BIGINT;
ALTER TABLE provider_client ADD COLUMN waiting TEXT NOT NULL DEFAULT '';
ALTER TABLE provider_client ADD COLUMN asked_at BIGINT;
ALTER TABLE provider_client ADD COLUMN not_approved TEXT NOT NULL DEFAULT '';
UPDATE provider_client SET approved_at = registered_at WHERE status = 'active';

CREATE TABLE provider_client_met (
	client_id TEXT NOT NULL,
	uuid TEXT NOT NULL,
	since BIGINT NOT NULL,
	PRIMARY KEY (client_id, uuid)
);
