-- +goose Up
-- Tries at what is locked or barred: they are counted until one event tells of them.
-- bookkeeping: locked_try

-- slice: platform/tries
CREATE TABLE locked_try (
	kind TEXT NOT NULL,
	subject_kind TEXT NOT NULL,
	subject TEXT NOT NULL,
	browser TEXT NOT NULL,
	reason TEXT NOT NULL,
	nobody BOOLEAN NOT NULL,
	n BIGINT NOT NULL,
	first_at BIGINT NOT NULL,
	last_at BIGINT NOT NULL,
	ends_at BIGINT NOT NULL,
	PRIMARY KEY (kind, subject, browser)
);
CREATE INDEX locked_try_by_end ON locked_try (ends_at);
