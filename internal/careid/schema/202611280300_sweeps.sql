-- +goose NO TRANSACTION
-- +goose Up
-- What is over is found without reading the whole table. An index that was left half made is made anew.
-- swept: provider_code, provider_token, provider_visit

-- slice: provider/backchannel
DROP INDEX IF EXISTS provider_visit_by_time;
CREATE INDEX CONCURRENTLY provider_visit_by_time ON provider_visit (at);
DROP INDEX IF EXISTS provider_notice_by_round;
CREATE INDEX CONCURRENTLY provider_notice_by_round ON provider_notice (round_at);

-- slice: provider/key
DROP INDEX IF EXISTS provider_key_call_by_time;
CREATE INDEX CONCURRENTLY provider_key_call_by_time ON provider_key_call (last_at);
