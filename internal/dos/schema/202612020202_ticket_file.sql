-- +goose Up
-- Files that came with messages of tickets, sealed; deleted with their ticket. What is read in a ticket that others were
-- merged into is kept as long as that one.
-- swept: ticket_file

-- slice: ticket
CREATE TABLE ticket_file (
	id TEXT PRIMARY KEY,
	ticket_id TEXT NOT NULL,
	message_id TEXT NOT NULL,
	name TEXT NOT NULL,
	type TEXT NOT NULL,
	size BIGINT NOT NULL, -- of what is in it, in bytes
	sealed BYTEA NOT NULL,
	by_id TEXT NOT NULL, -- an account's id; empty for somebody who was not logged in
	added_at BIGINT NOT NULL,
	ends_at BIGINT -- when its ticket is deleted
);
CREATE INDEX ticket_file_by_ticket ON ticket_file (ticket_id, added_at, id);
CREATE INDEX ticket_file_by_giver ON ticket_file (by_id, added_at);
CREATE INDEX ticket_file_ending ON ticket_file (ends_at, id) WHERE ends_at IS NOT NULL;

UPDATE ticket SET ends_at = (SELECT k.ends_at FROM ticket k WHERE k.id = ticket.merged_into)
WHERE merged_into IN (SELECT k.id FROM ticket k);
UPDATE ticket_message SET ends_at = (SELECT t.ends_at FROM ticket t WHERE t.id = ticket_message.ticket_id)
WHERE ticket_id IN (SELECT t.id FROM ticket t WHERE t.merged_into <> '');
