-- +goose Up
-- Mails of which tickets and messages were made: one that is delivered twice is taken once, and answers go below it in
-- mail programs.
-- swept: ticket_mail

-- slice: ticket
CREATE TABLE ticket_mail (
	id TEXT PRIMARY KEY, -- digest of the mail
	ticket_id TEXT NOT NULL,
	message_id TEXT NOT NULL, -- that its sender's program gave it
	came_at BIGINT NOT NULL
);
CREATE INDEX ticket_mail_by_ticket ON ticket_mail (ticket_id, came_at);
CREATE INDEX ticket_mail_by_age ON ticket_mail (came_at, id);
