-- +goose NO TRANSACTION
-- +goose Up
-- Such mails are found by an index.

-- slice: mailing
DROP INDEX IF EXISTS mailing_over;
CREATE INDEX CONCURRENTLY mailing_over ON mailing (over_at);
