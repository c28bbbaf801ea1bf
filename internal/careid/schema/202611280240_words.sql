-- +goose Up
-- Accents, apostrophes and hyphens of names do not count in a search, and people are found by the words of their names.
-- Rows from before get their words while the program runs; until then organisations are found as before.

-- slice: organisation
ALTER TABLE organisation ADD COLUMN unfolded BOOLEAN NOT NULL DEFAULT TRUE;

-- slice: identity
CREATE TABLE identity_word (
	word TEXT NOT NULL,
	uuid TEXT NOT NULL,
	PRIMARY KEY (word, uuid)
);
ALTER TABLE identity ADD COLUMN unfolded BOOLEAN NOT NULL DEFAULT TRUE;
