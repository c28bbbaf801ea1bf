-- +goose NO TRANSACTION
-- +goose Up
-- The cases of shared accounts that have not retired are listed, and looked through each day, in the order in which they
-- retire.

-- slice: shared
DROP INDEX IF EXISTS shared_case_undone;
CREATE INDEX CONCURRENTLY shared_case_undone ON shared_case (retires_at, account_id) WHERE state <> 'retired';
