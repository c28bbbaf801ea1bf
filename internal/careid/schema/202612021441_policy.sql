-- +goose Up
-- Which authenticators an organisation has approved, as it decided each time, and the model of each authenticator.

-- slice: organisation
CREATE TABLE organisation_policy (
	code TEXT NOT NULL REFERENCES organisation (code),
	number BIGINT NOT NULL,
	kinds TEXT NOT NULL,
	model_rule TEXT NOT NULL,
	models TEXT NOT NULL,
	reason TEXT NOT NULL,
	set_by TEXT NOT NULL,
	set_at BIGINT,
	replaced_at BIGINT,
	PRIMARY KEY (code, number)
);
CREATE UNIQUE INDEX organisation_policy_now ON organisation_policy (code) WHERE replaced_at IS NULL;
INSERT INTO organisation_policy (code, number, kinds, model_rule, models, reason, set_by)
	SELECT code, 1, string_agg(kind, ' '), '', '', '', '' FROM organisation_authenticator GROUP BY code;
DROP TABLE organisation_authenticator;

-- slice: authenticator
ALTER TABLE authenticator ADD COLUMN model TEXT NOT NULL DEFAULT '';
UPDATE authenticator SET model = (SELECT c.aaguid FROM webauthn_credential c WHERE c.authenticator_id = authenticator.id)
	WHERE id IN (SELECT authenticator_id FROM webauthn_credential);

-- slice: authenticator/webauthn
DROP INDEX webauthn_credential_by_model;
ALTER TABLE webauthn_credential DROP COLUMN aaguid;
