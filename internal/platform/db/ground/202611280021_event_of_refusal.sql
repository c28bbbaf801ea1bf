-- +goose NO TRANSACTION
-- +goose Up
-- Of the events written before they said whether something was refused, the ones are marked whose kind leaves no
-- doubt: what references found until now, and what else is called refused.

-- slice: platform/audit
UPDATE event SET refused = TRUE WHERE (kind LIKE '%.refused' OR kind LIKE '%-refused') AND NOT refused;
DROP INDEX IF EXISTS event_of_refusal;
CREATE INDEX CONCURRENTLY event_of_refusal ON event (request_id) WHERE refused;
