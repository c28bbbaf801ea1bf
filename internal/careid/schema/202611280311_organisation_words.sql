-- +goose Up
-- Organisations are found by the words of their names. Those from before get these words while the program runs; until
-- then they are found as before.

-- slice: organisation
CREATE TABLE organisation_word (
	word TEXT NOT NULL,
	code TEXT NOT NULL,
	PRIMARY KEY (word, code)
);
CREATE INDEX organisation_word_by_code ON organisation_word (code, word);
