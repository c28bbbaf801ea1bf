-- +goose Up
-- Which text somebody had of a mail whose text is each person's own, whether it said that they are done, and how often
-- the writer of a mail had it as a test.

-- slice: mailing
ALTER TABLE mailing_recipient ADD COLUMN sort TEXT NOT NULL DEFAULT '';
ALTER TABLE mailing_recipient ADD COLUMN said_done BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE mailing ADD COLUMN tests BIGINT NOT NULL DEFAULT 0;
