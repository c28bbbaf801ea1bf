-- +goose NO TRANSACTION
-- +goose Up
-- How many were mailed in the last minute is counted by an index.

-- slice: mailing
DROP INDEX IF EXISTS mailing_recipient_mailed;
CREATE INDEX CONCURRENTLY mailing_recipient_mailed ON mailing_recipient (mailed_at);
