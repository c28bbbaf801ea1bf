-- +goose NO TRANSACTION
-- +goose Up
-- Mails that are being sent, and those of the last day, are found by indexes.

-- slice: mailing
DROP INDEX IF EXISTS mailing_begun;
CREATE INDEX CONCURRENTLY mailing_begun ON mailing (begun_at);
DROP INDEX IF EXISTS mailing_sending;
CREATE INDEX CONCURRENTLY mailing_sending ON mailing (begun_at) WHERE state = 'sending';
