-- +goose Up
-- Organisations are found by words of their names. Accounts know whether their address is that of the Care Identity, and
-- whether another account has the same name at the same organisation.

-- slice: directory
ALTER TABLE ods_organisation ADD COLUMN unfolded BOOLEAN NOT NULL DEFAULT TRUE;
CREATE TABLE organisation_word (
	word TEXT NOT NULL,
	code TEXT NOT NULL,
	PRIMARY KEY (word, code)
);
CREATE INDEX organisation_word_by_code ON organisation_word (code, word);

-- slice: account
ALTER TABLE account ADD COLUMN drifted BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE account SET drifted = TRUE WHERE id IN (SELECT account_id FROM drift);
ALTER TABLE account ADD COLUMN namesake BOOLEAN NOT NULL DEFAULT FALSE;
