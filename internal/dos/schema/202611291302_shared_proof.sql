-- +goose Up
-- Whose address a claim to a shared account has shows by their own link that it is theirs; before that, its use counts as
-- unclaimed. All names are kept that were typed for an address.

-- slice: shared
ALTER TABLE shared_claim ADD COLUMN proved_at BIGINT;
ALTER TABLE shared_claim ADD COLUMN told_at BIGINT;

CREATE TABLE shared_claim_name (
	claim_id TEXT NOT NULL,
	name TEXT NOT NULL,
	typed_at BIGINT NOT NULL,
	PRIMARY KEY (claim_id, name)
);

UPDATE shared_claim SET merged_into =
		(SELECT m.merged_into FROM shared_claim m WHERE m.id = shared_claim.merged_into)
	WHERE merged_into IN (SELECT id FROM shared_claim WHERE merged_into <> '');
