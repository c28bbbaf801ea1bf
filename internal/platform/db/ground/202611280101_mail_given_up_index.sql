-- +goose NO TRANSACTION
-- +goose Up
-- Mail that was given up is found without reading the whole table.

-- slice: platform/mail
DROP INDEX IF EXISTS mail_by_giving_up;
CREATE INDEX CONCURRENTLY mail_by_giving_up ON mail (given_up_at);
