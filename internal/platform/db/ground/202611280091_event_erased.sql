-- +goose Up
-- Up to when the details of events of a kind were erased, where they are kept for a time only.
-- bookkeeping: event_erased

-- slice: platform/audit
CREATE TABLE event_erased (
	kind TEXT PRIMARY KEY,
	until BIGINT NOT NULL
);
