-- +goose Up
-- The certificates by which smartcards prove themselves: a card has another one each time it is renewed.

-- slice: authenticator/smartcard
CREATE TABLE smartcard_certificate (
	fingerprint TEXT PRIMARY KEY,
	authenticator_id TEXT NOT NULL REFERENCES authenticator (id),
	uuid TEXT NOT NULL,
	issuer TEXT NOT NULL,
	serial TEXT NOT NULL,
	not_after BIGINT NOT NULL
);
CREATE INDEX smartcard_certificate_by_authenticator ON smartcard_certificate (authenticator_id);
