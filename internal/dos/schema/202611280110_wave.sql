-- +goose Up
-- Waves stand in a slice of their own, below signing in, and their tables are named after it.

-- slice: wave
ALTER TABLE rollout_wave RENAME TO wave;
ALTER TABLE rollout_member RENAME TO wave_member;
