-- +goose Up
-- swept: application, application_part
-- Applications for a Care Identity. What the applicant says and sends stands sealed in parts, which go some days after
-- the decision; an application itself goes later. The link in the invitation is kept as a digest.

-- slice: apply
CREATE TABLE application (
	id TEXT PRIMARY KEY,
	number TEXT NOT NULL UNIQUE,
	organisation TEXT NOT NULL,
	inviter TEXT NOT NULL,
	given_name TEXT NOT NULL,
	middle_names TEXT NOT NULL,
	family_name TEXT NOT NULL,
	email TEXT NOT NULL,
	email_key TEXT NOT NULL,
	mobile TEXT NOT NULL,
	reason TEXT NOT NULL,
	state TEXT NOT NULL,
	invited_at BIGINT NOT NULL,
	moved_at BIGINT NOT NULL,
	link_digest BYTEA NOT NULL UNIQUE,
	link_ends_at BIGINT NOT NULL,
	code_digest BYTEA,
	code_ends_at BIGINT,
	codes_sent INTEGER NOT NULL,
	codes_wrong INTEGER NOT NULL,
	ni_digest BYTEA,
	pictures INTEGER NOT NULL,
	due_at BIGINT,
	look_by TEXT NOT NULL,
	look_until BIGINT,
	decided_by TEXT NOT NULL,
	decided_at BIGINT,
	refusals TEXT NOT NULL,
	notes TEXT NOT NULL,
	uuid TEXT NOT NULL,
	over_at BIGINT
);
CREATE INDEX application_by_inviter ON application (inviter, id);
CREATE INDEX application_by_organisation ON application (organisation, state, due_at);
CREATE INDEX application_by_email ON application (email_key);
CREATE INDEX application_by_ni ON application (ni_digest);
CREATE INDEX application_over ON application (over_at);

CREATE TABLE application_part (
	application TEXT NOT NULL,
	step TEXT NOT NULL,
	sealed BYTEA NOT NULL,
	over_at BIGINT,
	PRIMARY KEY (application, step)
);
CREATE INDEX application_part_over ON application_part (over_at);
