-- +goose Up
-- How many a mail to many people left out, by the reason. Of those sent before only the number is known.

-- slice: mailing
ALTER TABLE mailing ADD COLUMN left_out TEXT NOT NULL DEFAULT '{}';
