-- +goose Up
-- To which address somebody had a mail to many, so that one that came back is not taken for had. Rows of before do not
-- know.

-- slice: mailing
ALTER TABLE mailing_recipient ADD COLUMN mailed_to TEXT NOT NULL DEFAULT '';
