-- +goose Up
-- Programs that do jobs say again and again that they are there, so that others take up the jobs of one that died.
-- bookkeeping: job_node

-- slice: platform/job
CREATE TABLE job_node (
	id TEXT PRIMARY KEY,
	beat BIGINT NOT NULL
);
