-- +goose Up
-- What each link of an account to a Care Identity was made on: what was known of both, the rules that decided, the
-- proofs, who confirmed it and when. It stays when the link is undone.

-- slice: review
CREATE TABLE link_record (
	id TEXT PRIMARY KEY,
	account_id TEXT NOT NULL,
	issuer TEXT NOT NULL,
	subject TEXT NOT NULL,
	facts TEXT NOT NULL,
	made_by TEXT NOT NULL,
	made_at BIGINT NOT NULL
);
CREATE INDEX link_record_by_account ON link_record (account_id, made_at);
