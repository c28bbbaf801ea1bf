-- +goose Up
-- Tickets of the service desk, what was said in them and what became of them. A ticket that was solved is deleted in its
-- time, with all that was said in it.
-- swept: ticket, ticket_message

-- slice: ticket
CREATE TABLE ticket (
	id TEXT PRIMARY KEY,
	number BIGINT NOT NULL UNIQUE,
	state TEXT NOT NULL,
	way TEXT NOT NULL,
	category TEXT NOT NULL,
	priority BIGINT NOT NULL,
	subject TEXT NOT NULL,
	name TEXT NOT NULL,
	email TEXT NOT NULL,
	email_key TEXT NOT NULL,
	phone TEXT NOT NULL,
	confirmed_at BIGINT, -- when somebody showed that they read the address
	account_id TEXT NOT NULL, -- whom it is about; empty if nobody is known
	reference TEXT NOT NULL, -- of the refusal that it is about
	raised_by TEXT NOT NULL, -- an account's id; empty for somebody who was not logged in
	network TEXT NOT NULL, -- by which tickets of strangers are counted; empty for others
	assigned_to TEXT NOT NULL,
	assigned_name TEXT NOT NULL,
	created_at BIGINT NOT NULL,
	due_at BIGINT, -- none while it waits for the person, and when it is over
	left_ms BIGINT NOT NULL, -- of the office hours within which it is to be dealt with, while it waits
	changed_at BIGINT NOT NULL,
	merged_into TEXT NOT NULL DEFAULT '',
	merged_state TEXT NOT NULL DEFAULT '', -- which it had before
	ends_at BIGINT -- when it is deleted; none while it is not over
);
CREATE INDEX ticket_by_state ON ticket (state, due_at, id);
CREATE INDEX ticket_by_email ON ticket (email_key, created_at);
CREATE INDEX ticket_by_account ON ticket (account_id, created_at) WHERE account_id <> '';
CREATE INDEX ticket_by_raiser ON ticket (raised_by, created_at) WHERE raised_by <> '';
CREATE INDEX ticket_by_network ON ticket (network, created_at) WHERE network <> '';
CREATE INDEX ticket_merged ON ticket (merged_into) WHERE merged_into <> '';
CREATE INDEX ticket_ending ON ticket (ends_at, id) WHERE ends_at IS NOT NULL;

CREATE TABLE ticket_message (
	id TEXT PRIMARY KEY,
	ticket_id TEXT NOT NULL,
	kind TEXT NOT NULL,
	by_id TEXT NOT NULL, -- an account's id; empty for somebody who was not logged in
	by_name TEXT NOT NULL,
	text TEXT NOT NULL,
	written_at BIGINT NOT NULL,
	ends_at BIGINT -- when its ticket is deleted
);
CREATE INDEX ticket_message_by_ticket ON ticket_message (ticket_id, written_at, id);
CREATE INDEX ticket_message_ending ON ticket_message (ends_at, id) WHERE ends_at IS NOT NULL;

CREATE TABLE ticket_counter (
	name TEXT PRIMARY KEY,
	n BIGINT NOT NULL
);

-- slice: account
INSERT INTO account_grant (account_id, permission, scope_kind, scope_id, group_name)
SELECT account_id, 'workTickets', scope_kind, scope_id, group_name FROM account_grant
WHERE permission = 'serviceDesk';
