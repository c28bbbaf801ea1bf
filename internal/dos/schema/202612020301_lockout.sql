-- +goose Up
-- Each time that somebody was locked out: from when their right password first opened nothing until they came in or
-- linked. Somebody may be locked out twice on a day.
-- bookkeeping: outcome_lockout

-- slice: outcome
CREATE TABLE outcome_lockout (
	person TEXT NOT NULL, -- an account's id
	begun_at BIGINT NOT NULL,
	last_at BIGINT NOT NULL, -- when they tried last
	tries BIGINT NOT NULL,
	wave_id TEXT NOT NULL, -- in which the account was when they tried last
	ended_at BIGINT, -- when they came in or linked
	PRIMARY KEY (person, begun_at)
);
CREATE UNIQUE INDEX outcome_lockout_open ON outcome_lockout (person) WHERE ended_at IS NULL;
CREATE INDEX outcome_lockout_by_wave ON outcome_lockout (wave_id, last_at) WHERE ended_at IS NULL;
CREATE INDEX outcome_lockout_by_time ON outcome_lockout (begun_at);

INSERT INTO outcome_lockout (person, begun_at, last_at, tries, wave_id)
SELECT p.person, MIN(p.first_at), MAX(p.last_at), CAST(SUM(p.tries) AS BIGINT), MAX(p.wave_id)
FROM outcome_person p
WHERE p.outcome IN ('care-identity-required', 'passwords-ended') AND NOT EXISTS (SELECT 1 FROM outcome_person e
	WHERE e.person = p.person AND e.last_at > p.first_at AND e.outcome IN ('enter', 'linked'))
GROUP BY p.person;
