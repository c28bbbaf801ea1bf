-- +goose NO TRANSACTION
-- +goose Up
-- What is not counted for the board as it is now is found by indexes that have nothing else.

-- slice: account
DROP INDEX IF EXISTS account_untallied;
CREATE INDEX CONCURRENTLY account_untallied ON account (id) WHERE CASE WHEN tallied =
	CASE WHEN active AND NOT web_service_only THEN '1' ELSE '0' END || CASE WHEN shared THEN '1' ELSE '0' END
	|| CASE WHEN linked THEN '1' ELSE '0' END || CASE WHEN email_proved_at IS NULL THEN '0 ' ELSE '1 ' END
	|| organisation || ' ' || region THEN 0 ELSE 1 END = 1;

-- slice: wave
DROP INDEX IF EXISTS wave_member_untallied;
CREATE INDEX CONCURRENTLY wave_member_untallied ON wave_member (account_id)
	WHERE CASE WHEN tallied = wave_id THEN 0 ELSE 1 END = 1;

-- slice: standing
DROP INDEX IF EXISTS standing_untallied;
CREATE INDEX CONCURRENTLY standing_untallied ON standing (account_id)
	WHERE CASE WHEN tallied = said || ' ' || CAST(since_at AS TEXT) THEN 0 ELSE 1 END = 1;

-- slice: rollout
DROP INDEX IF EXISTS rollout_answer_untallied;
CREATE INDEX CONCURRENTLY rollout_answer_untallied ON rollout_answer (account_id)
	WHERE CASE WHEN tallied THEN 0 ELSE 1 END = 1;
