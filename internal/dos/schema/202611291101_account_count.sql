-- +goose Up
-- How many accounts there are of each sort is kept, and whether an account is linked and was ever used stands in the
-- account, so that lists need not look at each. Accounts of before are counted while the program runs.

-- slice: account
ALTER TABLE account ADD COLUMN linked BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE account ADD COLUMN used BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE account ADD COLUMN counted_as TEXT NOT NULL DEFAULT '';
ALTER TABLE account_login ADD COLUMN noted BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE account SET linked = TRUE WHERE id IN (SELECT account_id FROM account_link);

CREATE TABLE account_count (
	sort TEXT PRIMARY KEY,
	n BIGINT NOT NULL
);
