-- +goose Up
-- What is shown of a subject's past is of some kinds; of the others, refusals by strangers among them, there
-- may be any number.
DROP INDEX event_by_subject;
CREATE INDEX event_by_subject ON event (subject_kind, subject_id, kind, at);
