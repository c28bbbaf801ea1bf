-- +goose NO TRANSACTION
-- +goose Up
-- Requests that wait, by where, what and when they are due, for the queue of a registration authority. It has all by
-- which a page of the queue is chosen, so that only what is shown is read.

-- slice: request
DROP INDEX IF EXISTS ra_request_waiting;
CREATE INDEX CONCURRENTLY ra_request_waiting ON ra_request (organisation, kind, due_at, id, asked_by, subject)
	WHERE state = 'open';
