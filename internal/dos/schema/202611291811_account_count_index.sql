-- +goose NO TRANSACTION
-- +goose Up
-- The accounts that changed since they were counted, and those that somebody logged in with for the first time, are asked
-- for in words by which PostgreSQL expects few of them.

-- slice: account
DROP INDEX IF EXISTS account_uncounted;
CREATE INDEX CONCURRENTLY account_uncounted ON account (id) WHERE CASE WHEN counted_as =
	CASE WHEN web_service_only THEN 'machine' WHEN shared THEN 'shared' ELSE 'individual' END
	|| CASE WHEN active THEN ' 1' ELSE ' 0' END || CASE WHEN linked THEN '1' ELSE '0' END
	|| CASE WHEN used THEN '1' ELSE '0' END || CASE WHEN email_proved_at IS NULL THEN '0 ' ELSE '1 ' END || region
	THEN 0 ELSE 1 END = 1;
DROP INDEX IF EXISTS account_login_unnoted;
CREATE INDEX CONCURRENTLY account_login_unnoted ON account_login (account_id) WHERE CASE WHEN noted THEN 0 ELSE 1 END = 1;
