-- +goose Up
-- Nobody looks for events by their kind alone, and every event paid for it.
DROP INDEX event_by_kind;
