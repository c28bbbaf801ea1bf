-- +goose Up
-- An event says by itself whether something was refused, so that the reference a person was shown finds it whatever
-- its kind. Of those written before, the ones are marked whose kind leaves no doubt: what references found until now,
-- and what else is called refused.

-- slice: platform/audit
ALTER TABLE event ADD COLUMN refused BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE event SET refused = TRUE WHERE kind LIKE '%.refused' OR kind LIKE '%-refused';
DROP INDEX event_of_refusal;
CREATE INDEX event_of_refusal ON event (request_id) WHERE refused;
