-- +goose NO TRANSACTION
-- +goose Up
-- What is over is found without reading the whole table. An index that was left half made is made anew.

-- slice: platform/session
DROP INDEX IF EXISTS session_by_over;
CREATE INDEX CONCURRENTLY session_by_over ON session (over_at, id);
DROP INDEX IF EXISTS session_use_by_time;
CREATE INDEX CONCURRENTLY session_use_by_time ON session_use (used_at);
