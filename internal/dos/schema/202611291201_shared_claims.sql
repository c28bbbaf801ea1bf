-- +goose Up
-- How often somebody said in one session of a shared account who they are.

-- slice: shared
ALTER TABLE shared_use ADD COLUMN claims BIGINT NOT NULL DEFAULT 0;
