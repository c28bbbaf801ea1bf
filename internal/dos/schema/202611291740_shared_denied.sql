-- +goose Up
-- Whoever reads the address of a claim to a shared account can say that it was not them; and claims that wait are counted
-- by the network from which they came.

-- slice: shared
ALTER TABLE shared_claim ADD COLUMN network TEXT NOT NULL DEFAULT '';
ALTER TABLE shared_claim ADD COLUMN denied_at BIGINT;
ALTER TABLE shared_claim ADD COLUMN deny_digest BYTEA;
