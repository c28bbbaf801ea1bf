-- +goose Up
-- Since when an identity is active again that was suspended or closed. It is not known of what happened before.

-- slice: identity
ALTER TABLE identity ADD COLUMN active_again_at BIGINT;
