-- +goose Up
-- The digests of the codes that were sent before in the flow, one after another: whoever types one of them is told that
-- a newer one was sent.

-- slice: platform/mailcode
ALTER TABLE mailed_code ADD COLUMN earlier BYTEA;
