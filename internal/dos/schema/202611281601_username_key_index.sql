-- +goose NO TRANSACTION
-- +goose Up
-- An account is found by what its username folds to, which no other has but those of before that clash.

-- slice: account
DROP INDEX IF EXISTS account_by_username_key;
CREATE INDEX CONCURRENTLY account_by_username_key ON account (username_key);
DROP INDEX IF EXISTS account_username_key_once;
CREATE UNIQUE INDEX CONCURRENTLY account_username_key_once ON account (username_key) WHERE NOT username_clashes;
DROP INDEX IF EXISTS account_username_unfolded;
CREATE INDEX CONCURRENTLY account_username_unfolded ON account (id) WHERE username_key IS NULL;
