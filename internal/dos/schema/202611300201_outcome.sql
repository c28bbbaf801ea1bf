-- +goose Up
-- What became of logins, by person and day for three months, and counted by day for good.
-- bookkeeping: outcome_mark, outcome_person, outcome_day

-- slice: outcome
CREATE TABLE outcome_mark (
	id BIGINT PRIMARY KEY,
	at BIGINT NOT NULL, -- of the last event that was counted
	event_id TEXT NOT NULL
);

CREATE TABLE outcome_person (
	day BIGINT NOT NULL, -- when the day began in London
	person TEXT NOT NULL, -- an account's id; where nobody's account is known, the Care Identity
	way TEXT NOT NULL, -- password, or the authenticator as CIS2 names it
	outcome TEXT NOT NULL,
	wave_id TEXT NOT NULL, -- in which the account was then; empty for none
	first_at BIGINT NOT NULL,
	last_at BIGINT NOT NULL,
	tries BIGINT NOT NULL,
	PRIMARY KEY (person, day, way, outcome, wave_id)
);
CREATE INDEX outcome_person_by_day ON outcome_person (day);
CREATE INDEX outcome_person_by_wave ON outcome_person (wave_id, outcome, last_at);

CREATE TABLE outcome_day (
	day BIGINT NOT NULL,
	wave_id TEXT NOT NULL,
	way TEXT NOT NULL,
	outcome TEXT NOT NULL,
	people BIGINT NOT NULL,
	tries BIGINT NOT NULL,
	PRIMARY KEY (day, wave_id, way, outcome)
);
