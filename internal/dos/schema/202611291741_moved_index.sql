-- +goose NO TRANSACTION
-- +goose Up
-- Accounts whose address or link changed a moment ago are looked for every minute.

-- slice: account
DROP INDEX IF EXISTS account_email_past_by_until;
CREATE INDEX CONCURRENTLY account_email_past_by_until ON account_email_past (until);
DROP INDEX IF EXISTS account_link_by_time;
CREATE INDEX CONCURRENTLY account_link_by_time ON account_link (linked_at);
DROP INDEX IF EXISTS account_link_past_by_end;
CREATE INDEX CONCURRENTLY account_link_past_by_end ON account_link_past (ended_at);
