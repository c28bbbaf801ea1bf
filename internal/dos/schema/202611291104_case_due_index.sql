-- +goose NO TRANSACTION
-- +goose Up
-- Imported shared accounts whose case is to be opened are looked for every ten minutes.

-- slice: account
DROP INDEX IF EXISTS account_case_due;
CREATE INDEX CONCURRENTLY account_case_due ON account (id) WHERE case_due;
