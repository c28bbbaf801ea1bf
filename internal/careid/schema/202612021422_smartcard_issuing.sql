-- +goose Up
-- Smartcards of an authority of one's own: which certificates it issued and which another one replaced, what a registration
-- authority allowed at the reader, and the sealed key by which a card takes another PIN.

-- slice: authenticator/smartcard
ALTER TABLE smartcard_certificate ADD COLUMN ours BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE smartcard_certificate ADD COLUMN replaced_at BIGINT;

-- slice: authenticator/smartcard/issuing
CREATE TABLE smartcard_card (
	authenticator_id TEXT PRIMARY KEY REFERENCES authenticator (id),
	sealed_unlock_key BYTEA NOT NULL
);

CREATE TABLE smartcard_code (
	digest BYTEA PRIMARY KEY,
	uuid TEXT NOT NULL,
	act TEXT NOT NULL,
	authenticator_id TEXT NOT NULL,
	made_at BIGINT NOT NULL,
	ends_at BIGINT NOT NULL,
	used_at BIGINT
);
CREATE INDEX smartcard_code_by_person ON smartcard_code (uuid, made_at);
