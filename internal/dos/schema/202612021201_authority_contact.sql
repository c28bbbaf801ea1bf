-- +goose Up
-- How registration authorities are reached, as the care identity side said last: mails and letters to people name it.

-- bookkeeping: authority_contact
-- slice: standing
-- rewritten: authority_contact
CREATE TABLE authority_contact (
	code TEXT PRIMARY KEY, -- ODS code
	contact TEXT NOT NULL
);
