-- +goose NO TRANSACTION
-- +goose Up
-- What was refused to somebody is read without their other events, of which there are thousands more.
DROP INDEX IF EXISTS event_of_refused_subject;
CREATE INDEX CONCURRENTLY event_of_refused_subject ON event (subject_kind, subject_id, at) WHERE refused;
