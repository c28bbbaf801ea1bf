-- +goose NO TRANSACTION
-- +goose Up
-- The authenticators of a model are judged again when something else is known of it.

-- slice: authenticator
DROP INDEX IF EXISTS authenticator_by_model;
CREATE INDEX CONCURRENTLY authenticator_by_model ON authenticator (model, id);
