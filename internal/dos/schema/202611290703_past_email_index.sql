-- +goose NO TRANSACTION
-- +goose Up
-- Whether an address was an account's before is asked by its key.

-- slice: account
DROP INDEX IF EXISTS account_email_past_by_key;
CREATE INDEX CONCURRENTLY account_email_past_by_key ON account_email_past (email_key);
