-- +goose NO TRANSACTION
-- +goose Up
-- Accounts are found by several words at once, and by the Care Identity of their link.

-- slice: account
DROP INDEX IF EXISTS account_word_by_account;
CREATE INDEX CONCURRENTLY account_word_by_account ON account_word (account_id, word);
DROP INDEX IF EXISTS account_link_by_subject;
CREATE INDEX CONCURRENTLY account_link_by_subject ON account_link (subject);
