-- +goose NO TRANSACTION
-- +goose Up
-- Delivered mail, which still says to whom it went, is forgotten after a time.
-- swept: mail

-- slice: platform/mail
DROP INDEX IF EXISTS mail_by_delivery;
CREATE INDEX CONCURRENTLY mail_by_delivery ON mail (delivered_at);
