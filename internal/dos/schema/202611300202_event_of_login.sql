-- +goose NO TRANSACTION
-- +goose Up
-- What became of logins is counted from their events, in their order.

-- slice: platform/audit
DROP INDEX IF EXISTS event_of_login;
CREATE INDEX CONCURRENTLY event_of_login ON event (at, id)
	WHERE kind IN ('account.linked', 'signin.in', 'signin.not-in', 'signin.password-over');
