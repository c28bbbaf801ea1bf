-- +goose Up
-- An organisation that an administrator has said somebody does not belong to stays refused, whatever they say next. How
-- often somebody may say another, and administrators are mailed, is counted.

-- slice: belonging
CREATE TABLE organisation_refusal (
	account_id TEXT NOT NULL,
	organisation TEXT NOT NULL,
	refused_at BIGINT NOT NULL,
	PRIMARY KEY (account_id, organisation)
);
INSERT INTO organisation_refusal (account_id, organisation, refused_at)
	SELECT account_id, UPPER(organisation), refused_at FROM organisation_claim WHERE refused_at IS NOT NULL;

ALTER TABLE organisation_claim ADD COLUMN told_at BIGINT;
ALTER TABLE organisation_claim ADD COLUMN said BIGINT NOT NULL DEFAULT 0;
ALTER TABLE organisation_claim ADD COLUMN said_from BIGINT;
