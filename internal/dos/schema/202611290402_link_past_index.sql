-- +goose NO TRANSACTION
-- +goose Up
-- Whose accounts a Care Identity opened before is looked for when somebody decides a request.

-- slice: account
DROP INDEX IF EXISTS account_link_past_by_identity;
CREATE INDEX CONCURRENTLY account_link_past_by_identity ON account_link_past (issuer, subject);
DROP INDEX IF EXISTS account_link_past_by_account;
CREATE INDEX CONCURRENTLY account_link_past_by_account ON account_link_past (account_id);
