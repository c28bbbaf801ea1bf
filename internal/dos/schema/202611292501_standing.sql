-- +goose Up
-- What the care identity side last said about the holder of each account, and since when it says so, for the lists and
-- counts that look at all accounts at once. It is asked anew each day.
-- bookkeeping: standing

-- slice: standing
CREATE TABLE standing (
	account_id TEXT PRIMARY KEY,
	said TEXT NOT NULL, -- one word a fact: found, state, email, position, level, approved; - for what was not said
	authority TEXT NOT NULL, -- ODS code of the registration authority
	authority_name TEXT NOT NULL,
	since_at BIGINT NOT NULL
);
