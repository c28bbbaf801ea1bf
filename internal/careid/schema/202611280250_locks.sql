-- +goose Up
-- The locks of authenticators end by time, and their wrong tries are kept elsewhere. Those counted before locked for ever.
DELETE FROM counter WHERE kind = 'authenticator.refused'
	AND (subject LIKE 'unknown-%' OR subject IN (SELECT id FROM authenticator));
