-- +goose Up
-- Tombstones of addresses, and the links that a person has to look at. A tombstone has no address, but what a keyed
-- digest makes of it, with the account that had it, and the Care Identity with which it came to a link.

-- slice: account
CREATE TABLE email_tombstone (
	digest BYTEA NOT NULL,
	account_id TEXT NOT NULL,
	issuer TEXT NOT NULL,
	subject TEXT NOT NULL,
	since BIGINT NOT NULL,
	until BIGINT
);
CREATE INDEX email_tombstone_by_digest ON email_tombstone (digest);

-- slice: review
CREATE TABLE link_review (
	id TEXT PRIMARY KEY,
	account_id TEXT NOT NULL,
	issuer TEXT NOT NULL,
	subject TEXT NOT NULL,
	kinds TEXT NOT NULL,
	holds BOOLEAN NOT NULL,
	facts TEXT NOT NULL,
	opened_at BIGINT NOT NULL,
	decided_at BIGINT,
	decided_by TEXT NOT NULL DEFAULT '',
	decided_name TEXT NOT NULL DEFAULT '',
	approved BOOLEAN NOT NULL DEFAULT FALSE,
	reason TEXT NOT NULL DEFAULT '',
	good_until BIGINT
);
CREATE UNIQUE INDEX link_review_open ON link_review (account_id, issuer, subject, holds) WHERE decided_at IS NULL;
CREATE INDEX link_review_by_pair ON link_review (account_id, issuer, subject, decided_at);
CREATE INDEX link_review_waiting ON link_review (opened_at, id) WHERE decided_at IS NULL;
