-- +goose NO TRANSACTION
-- +goose Up
-- What is over is found by an index.

-- slice: wave
DROP INDEX IF EXISTS wave_start_member_over;
CREATE INDEX CONCURRENTLY wave_start_member_over ON wave_start_member (over_at);

-- slice: rollout
DROP INDEX IF EXISTS simulation_by_age;
CREATE INDEX CONCURRENTLY simulation_by_age ON simulation (saved_at);
