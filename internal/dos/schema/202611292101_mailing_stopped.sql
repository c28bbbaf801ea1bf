-- +goose Up
-- Why somebody other than its writer stopped a mail to many people.

-- slice: mailing
ALTER TABLE mailing ADD COLUMN ended_reason TEXT NOT NULL DEFAULT '';
