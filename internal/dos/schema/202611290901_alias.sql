-- +goose Up
-- Pairs of mail domains of which two administrators say that one person may have an address in each. They propose an
-- account, and prove nothing. Of each link between the two is kept that it was made while the pair counted.

-- slice: alias
CREATE TABLE domain_alias (
	id TEXT PRIMARY KEY,
	one TEXT NOT NULL,
	other TEXT NOT NULL,
	reason TEXT NOT NULL,
	proposed_by TEXT NOT NULL,
	proposed_name TEXT NOT NULL,
	proposed_at BIGINT NOT NULL,
	signed_by TEXT NOT NULL DEFAULT '',
	signed_name TEXT NOT NULL DEFAULT '',
	signed_at BIGINT,
	flagged BOOLEAN NOT NULL DEFAULT FALSE,
	withdrawn_by TEXT NOT NULL DEFAULT '',
	withdrawn_name TEXT NOT NULL DEFAULT '',
	withdrawn_at BIGINT,
	withdrawn_reason TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX domain_alias_pair ON domain_alias (one, other) WHERE withdrawn_at IS NULL;
CREATE INDEX domain_alias_by_other ON domain_alias (other);
CREATE INDEX domain_alias_by_signature ON domain_alias (signed_by, signed_at);

-- slice: alias
CREATE TABLE domain_alias_link (
	alias_id TEXT NOT NULL REFERENCES domain_alias (id),
	account_id TEXT NOT NULL,
	linked_at BIGINT NOT NULL
);
CREATE INDEX domain_alias_link_by_alias ON domain_alias_link (alias_id, linked_at);
