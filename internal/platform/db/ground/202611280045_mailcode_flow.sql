-- +goose Up
-- A mailed code belongs to the flow of one browser: wrong tries count there, and codes are also counted for the network
-- that asks for them. Codes of before belong to no flow and have ended.

-- slice: platform/mailcode
ALTER TABLE mailed_code ADD COLUMN wrong BIGINT NOT NULL DEFAULT 0;
ALTER TABLE mailed_code ADD COLUMN network TEXT NOT NULL DEFAULT '';
ALTER TABLE mailed_code ADD COLUMN used_at BIGINT;
