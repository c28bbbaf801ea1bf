-- +goose Up
-- Mails to many people that were prepared and never sent are forgotten.
-- swept: mailing

-- slice: mailing
ALTER TABLE mailing ADD COLUMN over_at BIGINT;
UPDATE mailing SET over_at = written_at + 3600000 WHERE begun_at IS NULL;
