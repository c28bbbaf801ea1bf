-- +goose Up
-- How many codes were asked for in a flow in all, also after those before had ended: a day's limit counts them.

-- slice: platform/mailcode
ALTER TABLE mailed_code ADD COLUMN asked BIGINT NOT NULL DEFAULT 0;
