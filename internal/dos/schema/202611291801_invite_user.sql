-- +goose Up
-- To invite colleagues takes a permission of its own, which DoS leads have as well. Whoever could invite before, as they
-- decide who gets an account, can do so still.

-- slice: account
INSERT INTO account_grant (account_id, permission, scope_kind, scope_id, group_name)
SELECT account_id, 'inviteUser', scope_kind, scope_id, group_name FROM account_grant
WHERE permission = 'approveUser' OR permission = 'viewReports' AND group_name = 'dos-lead';
