-- +goose Up
-- An event says by itself whether something was refused, so that the reference a person was shown finds it whatever
-- its kind.

-- slice: platform/audit
ALTER TABLE event ADD COLUMN refused BOOLEAN NOT NULL DEFAULT FALSE;
