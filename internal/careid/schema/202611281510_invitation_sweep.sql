-- +goose NO TRANSACTION
-- +goose Up
-- Invitations to add an authenticator are forgotten some time after they have ended.
-- swept: authenticator_invitation

-- slice: authenticator
DROP INDEX IF EXISTS authenticator_invitation_by_end;
CREATE INDEX CONCURRENTLY authenticator_invitation_by_end ON authenticator_invitation (ends_at);
