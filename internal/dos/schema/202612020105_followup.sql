-- +goose Up
-- Who was asked, four weeks after they linked their account, whether it still works, and the ticket of those for whom it
-- does not.

-- slice: rollout
CREATE TABLE followup (
	account_id TEXT PRIMARY KEY,
	asked_at BIGINT NOT NULL,
	ticket_id TEXT NOT NULL DEFAULT ''
);
