-- +goose Up
-- Mails of which servers report at an address of their own that they do not arrive, and what they reported. A row is
-- deleted with its mail.

-- slice: platform/mail
CREATE TABLE mail_return (
	mail_id TEXT PRIMARY KEY REFERENCES mail (id) ON DELETE CASCADE,
	batch TEXT NOT NULL, -- which of many mails at once it belongs to; empty for one of its own
	returned_at BIGINT,
	status TEXT NOT NULL DEFAULT '', -- 5.x.x is for good
	settled_at BIGINT -- when somebody showed that they read the address after all
);
CREATE INDEX mail_return_by_batch ON mail_return (batch) WHERE returned_at IS NOT NULL;
