-- +goose Up
-- Emergency rights: those that an account has for a few hours, and who asked for them, who opened them with them, and
-- who reviewed what was done.

-- slice: account/widening
CREATE TABLE account_widening (
	id TEXT PRIMARY KEY,
	account_id TEXT NOT NULL,
	issuer TEXT NOT NULL,
	subject TEXT NOT NULL,
	scope_kind TEXT NOT NULL,
	scope_id TEXT NOT NULL,
	opened_at BIGINT NOT NULL,
	ends_at BIGINT NOT NULL
);
CREATE INDEX account_widening_by_account ON account_widening (account_id, ends_at);

-- slice: breakglass
CREATE TABLE break_glass (
	id TEXT PRIMARY KEY,
	account_id TEXT NOT NULL,
	issuer TEXT NOT NULL,
	subject TEXT NOT NULL,
	scope_kind TEXT NOT NULL,
	scope_id TEXT NOT NULL,
	reason TEXT NOT NULL,
	state TEXT NOT NULL,
	asked_at BIGINT NOT NULL,
	waits_until BIGINT NOT NULL,
	second_id TEXT NOT NULL DEFAULT '',
	opened_at BIGINT,
	ended_at BIGINT,
	ended_by TEXT NOT NULL DEFAULT '',
	reviewed_at BIGINT,
	reviewed_by TEXT NOT NULL DEFAULT '',
	right_use BOOLEAN NOT NULL DEFAULT FALSE,
	finding TEXT NOT NULL DEFAULT '',
	reminded_at BIGINT
);
CREATE UNIQUE INDEX break_glass_now ON break_glass (account_id) WHERE state IN ('waiting', 'open');
CREATE INDEX break_glass_by_state ON break_glass (state, asked_at);
CREATE INDEX break_glass_by_account ON break_glass (account_id, asked_at);
