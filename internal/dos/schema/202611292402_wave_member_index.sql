-- +goose NO TRANSACTION
-- +goose Up
-- The accounts of a wave are found by an index.

-- slice: wave
DROP INDEX IF EXISTS wave_member_by_wave;
CREATE INDEX CONCURRENTLY wave_member_by_wave ON wave_member (wave_id, account_id);
