-- +goose Up
-- What the care identity side calls the people and addresses that it answered about, so that accounts are asked about
-- again when it says what changed; and up to where its changes were read.
-- bookkeeping: standing_handle, change_read

-- slice: standing
CREATE TABLE standing_handle (
	handle TEXT NOT NULL,
	account_id TEXT NOT NULL,
	PRIMARY KEY (handle, account_id)
);
CREATE INDEX standing_handle_by_account ON standing_handle (account_id, handle);

-- slice: drift
CREATE TABLE change_read (
	id BIGINT PRIMARY KEY,
	next TEXT NOT NULL,
	read_at BIGINT NOT NULL,
	all_at BIGINT
);
