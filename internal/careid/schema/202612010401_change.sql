-- +goose Up
-- What changed lately that a directory may have been told of: a person, an address, or something that concerns
-- everybody. A directory asks again about those of its accounts that it is about.
-- swept: identity_change

-- slice: change
CREATE TABLE identity_change (
	kind TEXT NOT NULL,
	subject TEXT NOT NULL,
	at BIGINT NOT NULL,
	PRIMARY KEY (kind, subject)
);
CREATE INDEX identity_change_by_time ON identity_change (at, kind, subject);
