-- +goose Up
-- Accounts of one person that are made one. The account that is closed says into which it was merged, and the merge keeps
-- what was moved, so that it can be undone.

-- slice: account
ALTER TABLE account ADD COLUMN merged_into TEXT NOT NULL DEFAULT '';

-- slice: merge
CREATE TABLE account_merge (
	id TEXT PRIMARY KEY,
	survivor TEXT NOT NULL,
	closed TEXT NOT NULL,
	state TEXT NOT NULL,
	memberships TEXT NOT NULL,
	reason TEXT NOT NULL,
	proposed_at BIGINT NOT NULL,
	proposed_by TEXT NOT NULL,
	proposed_name TEXT NOT NULL,
	confirmed_at BIGINT,
	confirmed_link TEXT NOT NULL DEFAULT '',
	proofs TEXT NOT NULL DEFAULT '',
	done_at BIGINT,
	done_name TEXT NOT NULL DEFAULT '',
	moved TEXT NOT NULL DEFAULT '',
	ended_at BIGINT,
	ended_name TEXT NOT NULL DEFAULT '',
	ended_reason TEXT NOT NULL DEFAULT ''
);
CREATE INDEX account_merge_by_survivor ON account_merge (survivor);
CREATE INDEX account_merge_by_closed ON account_merge (closed);
CREATE INDEX account_merge_by_time ON account_merge (proposed_at, id);
