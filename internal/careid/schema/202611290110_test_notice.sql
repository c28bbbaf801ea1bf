-- +goose Up
-- The team of a client may have a test notice sent, also to an address that is not approved yet.

-- slice: provider/backchannel
ALTER TABLE provider_notice ADD COLUMN test BOOLEAN NOT NULL DEFAULT FALSE;
