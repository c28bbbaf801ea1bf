-- +goose Up
-- Care identities, the organisations they work for, and the access they hold there.
-- bookkeeping: identity_email_code, extract_token, console_logout_token

-- slice: identity
CREATE TABLE identity_number (
	name TEXT PRIMARY KEY,
	last BIGINT NOT NULL
);

CREATE TABLE identity (
	uuid TEXT PRIMARY KEY,
	title TEXT NOT NULL,
	given_name TEXT NOT NULL,
	middle_names TEXT NOT NULL,
	family_name TEXT NOT NULL,
	email TEXT NOT NULL,
	email_canonical TEXT NOT NULL,
	email_since BIGINT NOT NULL,
	email_verified_at BIGINT,
	email_verified_how TEXT NOT NULL,
	status TEXT NOT NULL,
	verified BOOLEAN NOT NULL,
	assurance_level BIGINT NOT NULL,
	organisation TEXT NOT NULL,
	created_at BIGINT NOT NULL
);
CREATE INDEX identity_by_email ON identity (email_canonical);

CREATE TABLE identity_registration (
	uuid TEXT NOT NULL REFERENCES identity (uuid),
	body TEXT NOT NULL,
	number TEXT NOT NULL,
	PRIMARY KEY (uuid, body)
);

CREATE TABLE identity_email_code (
	uuid TEXT PRIMARY KEY,
	email TEXT NOT NULL,
	email_canonical TEXT NOT NULL,
	code_digest BYTEA NOT NULL,
	made_at BIGINT NOT NULL,
	ends_at BIGINT NOT NULL,
	asks BIGINT NOT NULL
);

-- slice: organisation
CREATE TABLE organisation (
	code TEXT PRIMARY KEY,
	name TEXT NOT NULL,
	words TEXT NOT NULL,
	role TEXT NOT NULL,
	postcode TEXT NOT NULL,
	ra_parent TEXT NOT NULL,
	contact TEXT NOT NULL
);
CREATE INDEX organisation_by_postcode ON organisation (postcode);

CREATE TABLE organisation_authenticator (
	code TEXT NOT NULL REFERENCES organisation (code),
	kind TEXT NOT NULL,
	PRIMARY KEY (code, kind)
);

-- slice: access
CREATE TABLE position (
	id TEXT PRIMARY KEY,
	organisation TEXT NOT NULL,
	name TEXT NOT NULL,
	role_code TEXT NOT NULL,
	activities TEXT NOT NULL,
	workgroups TEXT NOT NULL,
	areas_of_work TEXT NOT NULL,
	closed_at BIGINT
);
CREATE INDEX position_by_organisation ON position (organisation);

CREATE TABLE person_organisation (
	uuid TEXT NOT NULL,
	organisation TEXT NOT NULL,
	person_orgid TEXT NOT NULL UNIQUE,
	gnc TEXT NOT NULL,
	PRIMARY KEY (uuid, organisation)
);

CREATE TABLE assignment (
	id TEXT PRIMARY KEY,
	uuid TEXT NOT NULL,
	position_id TEXT NOT NULL REFERENCES position (id),
	role_id TEXT NOT NULL UNIQUE,
	starts_at BIGINT NOT NULL,
	ends_at BIGINT,
	given_by TEXT NOT NULL
);
CREATE INDEX assignment_by_person ON assignment (uuid);
CREATE INDEX assignment_by_position ON assignment (position_id);

-- slice: extract
CREATE TABLE extract_token (
	digest BYTEA PRIMARY KEY,
	ends_at BIGINT NOT NULL
);
CREATE INDEX extract_token_by_end ON extract_token (ends_at);

-- slice: console/entry
CREATE TABLE console_logout_token (
	digest BYTEA PRIMARY KEY,
	ends_at BIGINT NOT NULL
);
CREATE INDEX console_logout_token_by_end ON console_logout_token (ends_at);
