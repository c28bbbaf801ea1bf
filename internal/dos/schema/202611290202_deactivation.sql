-- +goose Up
-- Who deactivated an account, and why. Another administrator can let it be used again.

-- slice: account
ALTER TABLE account ADD COLUMN deactivated_at BIGINT;
ALTER TABLE account ADD COLUMN deactivated_by TEXT NOT NULL DEFAULT '';
ALTER TABLE account ADD COLUMN deactivated_name TEXT NOT NULL DEFAULT '';
ALTER TABLE account ADD COLUMN deactivated_reason TEXT NOT NULL DEFAULT '';
