-- +goose Up
-- A password that was set by a code to the account's mailbox shows no more than that somebody reads the mailbox, so that
-- it does not link the account.

-- slice: signin
CREATE TABLE password_by_mail (
	account_id TEXT PRIMARY KEY,
	set_at BIGINT NOT NULL
);
