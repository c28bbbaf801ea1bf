-- +goose Up
-- Wrong tries at what people prove themselves with: they lock it for a time, for the browsers that made them.
-- bookkeeping: wrong_try

-- slice: platform/tries
CREATE TABLE wrong_try (
	kind TEXT NOT NULL,
	subject TEXT NOT NULL,
	browser TEXT NOT NULL,
	n BIGINT NOT NULL,
	locks BIGINT NOT NULL,
	locked_until BIGINT,
	ends_at BIGINT NOT NULL,
	PRIMARY KEY (kind, subject, browser)
);
CREATE INDEX wrong_try_by_end ON wrong_try (ends_at);
