-- +goose Up
-- A link that moves to another account keeps the time at which its Care Identity was proved, and says when it moved.

-- slice: account
ALTER TABLE account_link ADD COLUMN moved_at BIGINT;
