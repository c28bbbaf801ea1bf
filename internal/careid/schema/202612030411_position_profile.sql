-- +goose Up
-- A position has one access profile or more, versions with how each was approved, and, for sponsors, the positions that
-- its holders may give. Whoever holds it has one role profile for each access profile. Workgroups of organisations.

-- slice: access
ALTER TABLE position ADD COLUMN notes TEXT NOT NULL DEFAULT '';
ALTER TABLE position ADD COLUMN version BIGINT NOT NULL DEFAULT 1;

CREATE TABLE position_profile (
	id TEXT PRIMARY KEY,
	position_id TEXT NOT NULL REFERENCES position (id),
	role_code TEXT NOT NULL,
	job TEXT NOT NULL,
	role_name TEXT NOT NULL,
	activities TEXT NOT NULL,
	activity_names TEXT NOT NULL,
	workgroups TEXT NOT NULL,
	areas_of_work TEXT NOT NULL,
	removed_at BIGINT
);
CREATE INDEX position_profile_by_position ON position_profile (position_id);
CREATE INDEX position_profile_by_job ON position_profile (job);
INSERT INTO position_profile (id, position_id, role_code, job, role_name, activities, activity_names, workgroups,
	areas_of_work)
	SELECT id, id, role_code, substr(role_code, length(role_code) - 4), '', activities, 'null', workgroups,
		areas_of_work FROM position;
ALTER TABLE position DROP COLUMN role_code;
ALTER TABLE position DROP COLUMN activities;
ALTER TABLE position DROP COLUMN workgroups;
ALTER TABLE position DROP COLUMN areas_of_work;

CREATE TABLE position_version (
	position_id TEXT NOT NULL REFERENCES position (id),
	number BIGINT NOT NULL,
	content TEXT NOT NULL,
	how_approved TEXT NOT NULL,
	participants TEXT NOT NULL,
	set_by TEXT NOT NULL,
	set_at BIGINT,
	PRIMARY KEY (position_id, number)
);

CREATE TABLE position_assignable (
	position_id TEXT NOT NULL REFERENCES position (id),
	assignable_id TEXT NOT NULL REFERENCES position (id),
	PRIMARY KEY (position_id, assignable_id)
);

ALTER TABLE assignment RENAME TO assignment_before;
DROP INDEX assignment_by_person;
DROP INDEX assignment_by_position;
CREATE TABLE assignment (
	id TEXT PRIMARY KEY,
	uuid TEXT NOT NULL,
	position_id TEXT NOT NULL REFERENCES position (id),
	starts_at BIGINT NOT NULL,
	ends_at BIGINT,
	given_by TEXT NOT NULL,
	notes TEXT NOT NULL DEFAULT '',
	position_version BIGINT NOT NULL DEFAULT 1
);
INSERT INTO assignment (id, uuid, position_id, starts_at, ends_at, given_by)
	SELECT id, uuid, position_id, starts_at, ends_at, given_by FROM assignment_before;
CREATE INDEX assignment_by_person ON assignment (uuid);
CREATE INDEX assignment_by_position ON assignment (position_id, position_version);

CREATE TABLE assignment_role (
	role_id TEXT PRIMARY KEY,
	assignment_id TEXT NOT NULL REFERENCES assignment (id),
	profile_id TEXT NOT NULL REFERENCES position_profile (id),
	workgroups TEXT NOT NULL DEFAULT 'null',
	UNIQUE (assignment_id, profile_id)
);
INSERT INTO assignment_role (role_id, assignment_id, profile_id) SELECT role_id, id, position_id FROM assignment_before;
DROP TABLE assignment_before;

CREATE TABLE workgroup (
	code TEXT PRIMARY KEY,
	organisation TEXT NOT NULL,
	name TEXT NOT NULL,
	parent TEXT NOT NULL,
	closed_at BIGINT
);
CREATE INDEX workgroup_by_organisation ON workgroup (organisation);
CREATE UNIQUE INDEX workgroup_root ON workgroup (organisation) WHERE parent = '';
