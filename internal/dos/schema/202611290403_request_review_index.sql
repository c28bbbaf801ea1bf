-- +goose NO TRANSACTION
-- +goose Up
-- Looks at requests that are over are swept, and requests that nobody confirmed by their end.

-- slice: request
DROP INDEX IF EXISTS request_review_ending;
CREATE INDEX CONCURRENTLY request_review_ending ON request_review (until);
DROP INDEX IF EXISTS request_ending;
CREATE INDEX CONCURRENTLY request_ending ON request (ends_at);
