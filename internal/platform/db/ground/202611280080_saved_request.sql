-- +goose Up
-- Requests whose changes were saved, for a few days: one that is sent again, as its answer was lost, is not done twice.
-- bookkeeping: saved_request

-- slice: platform/saved
CREATE TABLE saved_request (
	digest BYTEA PRIMARY KEY,
	over_at BIGINT NOT NULL
);
CREATE INDEX saved_request_over ON saved_request (over_at);
