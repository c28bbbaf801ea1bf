-- +goose NO TRANSACTION
-- +goose Up
-- The mails of a kind to an address are counted before another is sent again.

-- slice: platform/mail
DROP INDEX IF EXISTS mail_by_recipient;
CREATE INDEX CONCURRENTLY mail_by_recipient ON mail (recipient, kind, queued_at);
