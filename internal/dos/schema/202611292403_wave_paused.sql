-- +goose Up
-- A wave can be paused, and says since when it is in its phase; that is not known of waves of before.

-- slice: wave
ALTER TABLE wave ADD COLUMN phase_at BIGINT;
ALTER TABLE wave ADD COLUMN paused_at BIGINT;
ALTER TABLE wave ADD COLUMN paused_name TEXT NOT NULL DEFAULT '';
ALTER TABLE wave ADD COLUMN paused_reason TEXT NOT NULL DEFAULT '';
