-- +goose NO TRANSACTION
-- +goose Up
-- Lists of the accounts of an organisation, of those whose address is not that of the Care Identity and of namesakes are
-- read from indexes alone.

-- slice: directory
DROP INDEX IF EXISTS ods_organisation_unfolded;
CREATE INDEX CONCURRENTLY ods_organisation_unfolded ON ods_organisation (code) WHERE unfolded;

-- slice: account
DROP INDEX IF EXISTS account_by_region;
CREATE INDEX CONCURRENTLY account_by_region ON account (region, username, active, linked, used, shared, web_service_only,
	email_proved_at, drifted, organisation, id);
DROP INDEX IF EXISTS account_by_organisation;
CREATE INDEX CONCURRENTLY account_by_organisation ON account (organisation, username, active, linked, used, shared,
	web_service_only, email_proved_at, drifted, region, id);
DROP INDEX IF EXISTS account_drifted;
CREATE INDEX CONCURRENTLY account_drifted ON account (username, drifted, active, shared, web_service_only, region,
	organisation, id) WHERE drifted;
DROP INDEX IF EXISTS account_namesakes;
CREATE INDEX CONCURRENTLY account_namesakes ON account (organisation, last_name, first_name, id, namesake, region,
	active, shared, web_service_only) WHERE namesake;
