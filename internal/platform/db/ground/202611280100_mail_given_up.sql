-- +goose Up
-- Mail that the mail server never took is given up one day, and then forgotten like delivered mail.

-- slice: platform/mail
ALTER TABLE mail ADD COLUMN given_up_at BIGINT;
