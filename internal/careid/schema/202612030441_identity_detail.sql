-- +goose Up
-- What sort of identity one is and where it comes from, what else is known of a person, and by which route their
-- documents were seen. Identities whose documents nobody saw were brought here from elsewhere.

-- slice: identity
ALTER TABLE identity ADD COLUMN kind TEXT NOT NULL DEFAULT 'standard';
ALTER TABLE identity ADD COLUMN origin TEXT NOT NULL DEFAULT '';
ALTER TABLE identity ADD COLUMN preferred_name TEXT NOT NULL DEFAULT '';
UPDATE identity SET kind = 'migrated' WHERE NOT verified;
ALTER TABLE identity_documents ADD COLUMN route TEXT NOT NULL DEFAULT 'face-to-face';

-- slice: identity/detail
CREATE TABLE identity_detail (
	uuid TEXT PRIMARY KEY,
	birth_date TEXT NOT NULL,
	card_name TEXT NOT NULL,
	mobile TEXT NOT NULL,
	ni_sealed BYTEA,
	ni_digest BYTEA,
	ni_ending TEXT NOT NULL
);
CREATE INDEX identity_detail_by_ni ON identity_detail (ni_digest);

-- slice: identity/photo
CREATE TABLE identity_photo (
	uuid TEXT PRIMARY KEY,
	sealed BYTEA NOT NULL,
	taken_by TEXT NOT NULL,
	taken_at BIGINT NOT NULL
);
