-- +goose NO TRANSACTION
-- +goose Up
-- Invitations to a team that nobody answered are forgotten some time after they have ended.
-- swept: provider_team_invitation

-- slice: provider/team
DROP INDEX IF EXISTS provider_team_invitation_by_time;
CREATE INDEX CONCURRENTLY provider_team_invitation_by_time ON provider_team_invitation (made_at);
