-- +goose Up
-- Who was first told, and when, what a phase of their wave means: by a mail or by their checklist.
-- bookkeeping: guidance

-- slice: wave
CREATE TABLE guidance (
	account_id TEXT NOT NULL,
	phase BIGINT NOT NULL, -- the one that was to come
	first_at BIGINT NOT NULL,
	how TEXT NOT NULL,
	PRIMARY KEY (account_id, phase)
);
-- For how many days everybody is to have had it before the wave enters a phase; what the operator says where it is not
-- known.
ALTER TABLE wave ADD COLUMN guidance_days BIGINT;
