-- +goose Up
-- A session says when it is over if nobody uses it any more, so that those that are over are found by an index. Of
-- those from before, the sweep finds out.
-- swept: session

-- slice: platform/session
ALTER TABLE session ADD COLUMN over_at BIGINT NOT NULL DEFAULT 0;
