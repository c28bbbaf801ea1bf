-- +goose NO TRANSACTION
-- +goose Up
-- People are found by several words at once.

-- slice: identity
DROP INDEX IF EXISTS identity_word_by_person;
CREATE INDEX CONCURRENTLY identity_word_by_person ON identity_word (uuid, word);
