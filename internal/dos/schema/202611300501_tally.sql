-- +goose Up
-- As what each active account of a person is counted for the board, and how many are counted alike, in each organisation
-- and, as organisation *, in each region. Each row that this rests on says as what it was counted. Accounts of before are
-- counted while the program runs.

-- slice: account
ALTER TABLE account ADD COLUMN tallied TEXT NOT NULL DEFAULT '';
CREATE TABLE tally_account (
	account_id TEXT PRIMARY KEY,
	region TEXT NOT NULL,
	organisation TEXT NOT NULL,
	wave_id TEXT NOT NULL, -- empty for none
	facts TEXT NOT NULL, -- what is known of it, as package report writes it
	since_at BIGINT -- since when the care identity side says so
);
CREATE INDEX tally_account_by_organisation ON tally_account (organisation, region, wave_id, facts, since_at);
CREATE INDEX tally_account_by_region ON tally_account (region, wave_id, facts, since_at);
CREATE TABLE tally_count (
	organisation TEXT NOT NULL,
	region TEXT NOT NULL,
	wave_id TEXT NOT NULL,
	facts TEXT NOT NULL,
	n BIGINT NOT NULL,
	oldest BIGINT,
	PRIMARY KEY (organisation, region, wave_id, facts)
);
CREATE INDEX tally_count_by_region ON tally_count (region, organisation, facts, wave_id, n, oldest);

-- slice: wave
ALTER TABLE wave_member ADD COLUMN tallied TEXT NOT NULL DEFAULT '';

-- slice: standing
ALTER TABLE standing ADD COLUMN tallied TEXT NOT NULL DEFAULT '';

-- slice: rollout
ALTER TABLE rollout_answer ADD COLUMN tallied BOOLEAN NOT NULL DEFAULT FALSE;
