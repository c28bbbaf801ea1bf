-- +goose Up
-- Letters to those who would get a mail, had they an email address: made in files, and then posted.

-- slice: mailing
CREATE TABLE mailing_letter (
	mailing_id TEXT NOT NULL,
	account_id TEXT NOT NULL,
	file TEXT NOT NULL,
	username TEXT NOT NULL,
	phase BIGINT NOT NULL, -- of their wave when it was made: the letter says what the one after it means
	said_done BOOLEAN NOT NULL,
	made_at BIGINT NOT NULL,
	posted_at BIGINT,
	PRIMARY KEY (mailing_id, account_id)
);
CREATE INDEX mailing_letter_by_account ON mailing_letter (account_id);
