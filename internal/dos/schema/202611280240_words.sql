-- +goose Up
-- Accents, apostrophes and hyphens of names do not count in a search, and people are found by the words of their names.
-- Rows from before get their words while the program runs; until then services are found as before.

-- slice: directory
ALTER TABLE service ADD COLUMN unfolded BOOLEAN NOT NULL DEFAULT TRUE;

-- slice: account
CREATE TABLE account_word (
	word TEXT NOT NULL,
	account_id TEXT NOT NULL,
	PRIMARY KEY (word, account_id)
);
ALTER TABLE account ADD COLUMN unfolded BOOLEAN NOT NULL DEFAULT TRUE;
