-- +goose Up
-- The OpenID Provider's signing keys, and the ledger of who has fetched which.
-- bookkeeping: provider_key_fetch, provider_key_call

-- slice: provider/key
CREATE TABLE provider_key (
	kid TEXT PRIMARY KEY,
	alg TEXT NOT NULL,
	state TEXT NOT NULL,
	sealed BYTEA,
	made_at BIGINT NOT NULL,
	published_at BIGINT,
	signing_at BIGINT,
	retiring_at BIGINT,
	retired_at BIGINT
);
CREATE UNIQUE INDEX provider_key_signs ON provider_key (alg) WHERE state = 'signing';
CREATE UNIQUE INDEX provider_key_waits ON provider_key (alg) WHERE state IN ('made', 'published');

CREATE TABLE provider_key_fetch (
	kid TEXT NOT NULL,
	address TEXT NOT NULL,
	named TEXT NOT NULL,
	at BIGINT NOT NULL,
	PRIMARY KEY (kid, address, named)
);

CREATE TABLE provider_key_call (
	client_id TEXT NOT NULL,
	address TEXT NOT NULL,
	last_at BIGINT NOT NULL,
	PRIMARY KEY (client_id, address)
);
