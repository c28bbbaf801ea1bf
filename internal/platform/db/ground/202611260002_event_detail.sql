-- +goose Up
-- A detail does not refer to its event by a constraint. Both are written in one transaction, and to look up an
-- event just written would put every transaction of PostgreSQL in the way of every other that writes one.

-- slice: platform/audit
CREATE TABLE event_detail_free (
	event_id TEXT PRIMARY KEY,
	actor_name TEXT NOT NULL,
	before_json TEXT NOT NULL,
	after_json TEXT NOT NULL,
	reason TEXT NOT NULL,
	salt BYTEA NOT NULL
);
INSERT INTO event_detail_free (event_id, actor_name, before_json, after_json, reason, salt)
	SELECT event_id, actor_name, before_json, after_json, reason, salt FROM event_detail;
DROP TABLE event_detail;
ALTER TABLE event_detail_free RENAME TO event_detail;
