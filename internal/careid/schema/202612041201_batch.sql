-- +goose Up
-- swept: batch, batch_row
-- bookkeeping: batch_row
-- What is done to many people at once, and to whom. Each row stands sealed as it was sent, with what became of it; all of
-- a batch goes months later.

-- slice: registration/batch
CREATE TABLE batch (
	id TEXT PRIMARY KEY,
	act TEXT NOT NULL,
	position TEXT NOT NULL,
	organisation TEXT NOT NULL,
	starts_at BIGINT,
	ends_at BIGINT,
	reason TEXT NOT NULL,
	heading TEXT NOT NULL,
	state TEXT NOT NULL,
	made_by TEXT NOT NULL,
	made_at BIGINT NOT NULL,
	decided_by TEXT NOT NULL,
	decided_at BIGINT,
	notes TEXT NOT NULL,
	swapped BOOLEAN NOT NULL,
	undone_by TEXT NOT NULL,
	over_at BIGINT NOT NULL
);
CREATE INDEX batch_organisation ON batch (organisation, made_at);
CREATE INDEX batch_over ON batch (over_at);

CREATE TABLE batch_row (
	batch TEXT NOT NULL,
	number INTEGER NOT NULL,
	sealed BYTEA NOT NULL,
	uuid TEXT NOT NULL,
	state TEXT NOT NULL,
	problem TEXT NOT NULL,
	made TEXT NOT NULL,
	over_at BIGINT NOT NULL,
	PRIMARY KEY (batch, number)
);
CREATE INDEX batch_row_state ON batch_row (batch, state, number);
CREATE INDEX batch_row_uuid ON batch_row (batch, uuid);
CREATE INDEX batch_row_over ON batch_row (over_at);
