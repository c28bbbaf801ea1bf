-- +goose Up
-- The names of clients and teams are compared by an index of what they look like. Those from before come into it while
-- the program runs; until then they are compared one by one.

-- slice: provider/naming
CREATE TABLE provider_look (
	word TEXT NOT NULL,
	holder TEXT NOT NULL,
	PRIMARY KEY (word, holder)
);
CREATE INDEX provider_look_by_holder ON provider_look (holder, word);

-- slice: provider/client
ALTER TABLE provider_client ADD COLUMN unfolded BOOLEAN NOT NULL DEFAULT TRUE;

-- slice: provider/team
ALTER TABLE provider_team ADD COLUMN unfolded BOOLEAN NOT NULL DEFAULT TRUE;
