-- +goose Up
-- When an authenticator was last used is in the events of the sign-ins; nothing read it from here.

-- slice: authenticator
DROP TABLE authenticator_use;
