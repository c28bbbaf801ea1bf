-- +goose Up
-- When the holders of care identities with one address, and their registration authorities, were last told of it.

-- slice: extract
CREATE TABLE same_address_told (
	email_canonical TEXT PRIMARY KEY,
	told_at BIGINT NOT NULL
);
