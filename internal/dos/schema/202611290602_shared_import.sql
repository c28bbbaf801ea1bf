-- +goose Up
-- Shared accounts that were imported get a case by themselves.

-- slice: account
ALTER TABLE account ADD COLUMN case_due BOOLEAN NOT NULL DEFAULT FALSE;
