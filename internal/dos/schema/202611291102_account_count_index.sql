-- +goose NO TRANSACTION
-- +goose Up
-- Lists of accounts are read from indexes alone. Accounts that changed since they were counted are found by one that has
-- no others, as are those with which somebody logged in for the first time.

-- slice: account
DROP INDEX IF EXISTS account_uncounted;
CREATE INDEX CONCURRENTLY account_uncounted ON account (id) WHERE counted_as <>
	CASE WHEN web_service_only THEN 'machine' WHEN shared THEN 'shared' ELSE 'individual' END
	|| CASE WHEN active THEN ' 1' ELSE ' 0' END || CASE WHEN linked THEN '1' ELSE '0' END
	|| CASE WHEN used THEN '1' ELSE '0' END || CASE WHEN email_proved_at IS NULL THEN '0 ' ELSE '1 ' END || region;
DROP INDEX IF EXISTS account_login_unnoted;
CREATE INDEX CONCURRENTLY account_login_unnoted ON account_login (account_id) WHERE NOT noted;
DROP INDEX IF EXISTS account_listed;
CREATE INDEX CONCURRENTLY account_listed ON account (username, active, linked, used, shared, web_service_only,
	email_proved_at, region, organisation, id);
DROP INDEX IF EXISTS account_by_region;
CREATE INDEX CONCURRENTLY account_by_region ON account (region, username, active, linked, used, shared, web_service_only,
	email_proved_at, organisation, id);
