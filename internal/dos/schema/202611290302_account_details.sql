-- +goose Up
-- What is known of an account besides who holds it: telephone, why its holder needs access, who approved it and when, and
-- when somebody last logged in with it.
-- bookkeeping: account_login

-- slice: account
ALTER TABLE account ADD COLUMN phone TEXT NOT NULL DEFAULT '';
ALTER TABLE account ADD COLUMN access_reason TEXT NOT NULL DEFAULT '';
ALTER TABLE account ADD COLUMN approved_by TEXT NOT NULL DEFAULT '';
ALTER TABLE account ADD COLUMN approved_at BIGINT;

CREATE TABLE account_login (
	account_id TEXT PRIMARY KEY,
	at BIGINT NOT NULL
);
