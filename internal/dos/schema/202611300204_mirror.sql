-- +goose Up
-- Days on which logins are judged as if their wave were in a later phase. Nobody is turned away by it.
-- bookkeeping: mirror_person

-- slice: rollout
CREATE TABLE mirror (
	id TEXT PRIMARY KEY,
	wave_id TEXT NOT NULL,
	phase BIGINT NOT NULL, -- by whose rule logins are judged
	from_at BIGINT NOT NULL,
	until_at BIGINT NOT NULL,
	set_at BIGINT NOT NULL,
	set_by TEXT NOT NULL, -- an account's id, or the name of who is none
	set_name TEXT NOT NULL,
	cancelled_at BIGINT,
	reported_at BIGINT
);
CREATE INDEX mirror_by_wave ON mirror (wave_id, from_at);

-- slice: rollout
CREATE TABLE mirror_person (
	mirror_id TEXT NOT NULL,
	account_id TEXT NOT NULL,
	day BIGINT NOT NULL, -- when the day began in London
	entered BIGINT NOT NULL, -- logins that the rule would have let in
	turned_away BIGINT NOT NULL, -- and those that it would not
	first_at BIGINT NOT NULL,
	PRIMARY KEY (mirror_id, account_id, day)
);
CREATE INDEX mirror_person_by_day ON mirror_person (day);
