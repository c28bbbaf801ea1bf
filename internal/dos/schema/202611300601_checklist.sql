-- +goose Up
-- Whom people asked for what they cannot do themselves, as their checklist says it.

-- slice: rollout
CREATE TABLE checklist_ask (
	account_id TEXT NOT NULL,
	what TEXT NOT NULL, -- of the step
	asked_of TEXT NOT NULL, -- whom, in the words of that day
	by_mail BOOLEAN NOT NULL, -- we sent the mail; otherwise the person said that they have asked
	asked_at BIGINT NOT NULL,
	PRIMARY KEY (account_id, what)
);

-- What the checklists of those who look at theirs said last, so that they are told when they say something else.
-- bookkeeping: checklist_watch

-- slice: rollout
CREATE TABLE checklist_watch (
	account_id TEXT PRIMARY KEY,
	said TEXT NOT NULL, -- what there was to do; empty where there was nothing to do but wait
	seen_at BIGINT NOT NULL, -- by the person
	looked_at BIGINT NOT NULL, -- by a job
	told_at BIGINT -- by mail
);
CREATE INDEX checklist_watch_by_look ON checklist_watch (looked_at);
