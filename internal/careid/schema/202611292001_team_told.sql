-- +goose Up
-- When the readers of a team were told of an invitation, also of one that has ended since.
-- swept: provider_team_told

-- slice: provider/team
CREATE TABLE provider_team_told (
	id TEXT PRIMARY KEY,
	team_id TEXT NOT NULL REFERENCES provider_team (id),
	meant TEXT NOT NULL,
	told_at BIGINT NOT NULL
);
CREATE INDEX provider_team_told_by_team ON provider_team_told (team_id, told_at);
CREATE INDEX provider_team_told_by_time ON provider_team_told (told_at);
