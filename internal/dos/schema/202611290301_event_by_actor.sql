-- +goose NO TRANSACTION
-- +goose Up
-- People see what was done in their name.

-- slice: platform/audit
DROP INDEX IF EXISTS event_by_actor;
CREATE INDEX CONCURRENTLY event_by_actor ON event (actor_id, at) WHERE actor_kind = 'person';
