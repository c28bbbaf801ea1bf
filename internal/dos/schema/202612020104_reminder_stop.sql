-- +goose Up
-- Who wants no reminders of the move.

-- slice: mailing
CREATE TABLE reminder_stop (
	account_id TEXT PRIMARY KEY,
	stopped_at BIGINT NOT NULL
);
