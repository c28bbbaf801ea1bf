-- +goose Up
-- Which identity documents somebody of a registration authority saw. Of a number only its end is kept.

-- slice: identity
CREATE TABLE identity_documents (
	uuid TEXT PRIMARY KEY REFERENCES identity (uuid),
	photo TEXT NOT NULL,
	address TEXT NOT NULL,
	other TEXT NOT NULL,
	ending TEXT NOT NULL,
	seen_by TEXT NOT NULL,
	seen_at BIGINT NOT NULL
);
