-- +goose Up
-- Codes that were mailed to be typed back.
-- bookkeeping: mailed_code

-- slice: platform/mailcode
CREATE TABLE mailed_code (
	purpose TEXT NOT NULL,
	subject TEXT NOT NULL,
	flow TEXT NOT NULL,
	address TEXT NOT NULL,
	digest BYTEA NOT NULL,
	ends_at BIGINT NOT NULL,
	asks BIGINT NOT NULL,
	PRIMARY KEY (purpose, subject, flow)
);
CREATE INDEX mailed_code_by_end ON mailed_code (ends_at);
