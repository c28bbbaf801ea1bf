-- +goose NO TRANSACTION
-- +goose Up
-- The organisations that a registration authority serves are found from it.

-- slice: organisation
DROP INDEX IF EXISTS organisation_by_ra_parent;
CREATE INDEX CONCURRENTLY organisation_by_ra_parent ON organisation (ra_parent);
