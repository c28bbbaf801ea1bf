-- +goose Up
-- Who was in a wave at a start is kept while the start can be undone, and 90 days more for whoever looks into it; results
-- of simulations for 400 days.
-- swept: wave_start_member, simulation

-- slice: wave
ALTER TABLE wave_start_member ADD COLUMN over_at BIGINT;
UPDATE wave_start_member SET over_at = (SELECT s.started_at + 10368000000 FROM wave_start s
	WHERE s.id = wave_start_member.start_id);
