-- +goose Up
-- Usernames are compared by what they fold to. Accounts of before get theirs while the program runs; until then, and
-- where two fold to the same, an account is found by its exact username.

-- slice: account
ALTER TABLE account ADD COLUMN username_key TEXT;
ALTER TABLE account ADD COLUMN username_clashes BOOLEAN NOT NULL DEFAULT FALSE;
