-- +goose Up
-- For how many days that somebody works their password still opens the directory once their wave asks for Care Identity, and
-- on how many days they have logged in since it entered its phase. A wave of before grants none.

-- slice: wave
ALTER TABLE wave ADD COLUMN allowance BIGINT NOT NULL DEFAULT 0;
CREATE TABLE worked_day (
	account_id TEXT PRIMARY KEY,
	phase BIGINT NOT NULL,
	entered_at BIGINT NOT NULL, -- when the wave entered it
	days BIGINT NOT NULL,
	last_day BIGINT NOT NULL, -- in London: 20261129
	put_off BIGINT NOT NULL DEFAULT 0,
	quiet_until BIGINT
);
