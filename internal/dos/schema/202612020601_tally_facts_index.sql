-- +goose NO TRANSACTION
-- +goose Up
-- Those who are so far on their way are found by what they are counted as.

-- slice: account
DROP INDEX IF EXISTS tally_account_by_facts;
CREATE INDEX CONCURRENTLY tally_account_by_facts ON tally_account (facts, account_id);
