-- +goose Up
-- Which registration authority serves an organisation is an edge of its own, from a day and until one, with who said so
-- and why. It is not what the Organisation Data Service says of who commissions or operates an organisation.

-- slice: organisation
CREATE TABLE ra_hosting (
	id TEXT PRIMARY KEY,
	code TEXT NOT NULL,
	host TEXT NOT NULL,
	from_at BIGINT,
	from_by TEXT NOT NULL,
	reason TEXT NOT NULL,
	to_at BIGINT,
	to_by TEXT NOT NULL,
	end_reason TEXT NOT NULL
);
CREATE UNIQUE INDEX ra_hosting_now ON ra_hosting (code) WHERE to_at IS NULL;
CREATE INDEX ra_hosting_by_code ON ra_hosting (code, id);
CREATE INDEX ra_hosting_by_host ON ra_hosting (host) WHERE to_at IS NULL;
INSERT INTO ra_hosting (id, code, host, from_by, reason, to_by, end_reason)
	SELECT code, code, ra_parent, '', '', '', '' FROM organisation WHERE ra_parent <> '';
DROP INDEX organisation_by_ra_parent;
ALTER TABLE organisation DROP COLUMN ra_parent;
