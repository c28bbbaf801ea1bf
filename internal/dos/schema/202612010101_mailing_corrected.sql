-- +goose Up
-- When a mail to many people begins, who stopped it, and which mail corrected it.

-- slice: mailing
ALTER TABLE mailing ADD COLUMN starts_at BIGINT;
ALTER TABLE mailing ADD COLUMN ended_by TEXT NOT NULL DEFAULT '';
ALTER TABLE mailing ADD COLUMN corrected_by TEXT NOT NULL DEFAULT '';
