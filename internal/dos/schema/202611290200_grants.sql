-- +goose Up
-- Permissions hold in a scope and come by groups. Accounts belong to regions, which are the topmost services. What was
-- given before keeps its meaning: whoever managed users could do what now needs a permission of its own, and only they
-- can hand those out.

-- slice: account
CREATE TABLE account_grant (
	account_id TEXT NOT NULL REFERENCES account (id),
	permission TEXT NOT NULL,
	scope_kind TEXT NOT NULL,
	scope_id TEXT NOT NULL,
	group_name TEXT NOT NULL,
	PRIMARY KEY (account_id, group_name, permission, scope_kind, scope_id)
);
CREATE INDEX account_grant_by_permission ON account_grant (permission, scope_kind, scope_id);

INSERT INTO account_grant (account_id, permission, scope_kind, scope_id, group_name)
SELECT p.account_id, p.permission, CASE WHEN EXISTS (SELECT 1 FROM account_permission e
	WHERE e.account_id = p.account_id AND e.permission = 'editAnywhere') THEN 'everywhere' ELSE 'own-organisation' END,
	'', ''
FROM account_permission p WHERE p.permission IN ('editCapacity', 'editService');

INSERT INTO account_grant (account_id, permission, scope_kind, scope_id, group_name)
SELECT p.account_id, n.permission, 'everywhere', '', ''
FROM account_permission p CROSS JOIN (
	SELECT 'manageUsers' AS permission UNION ALL SELECT 'approveUser' UNION ALL SELECT 'reviewLinks'
	UNION ALL SELECT 'manageWaves' UNION ALL SELECT 'serviceDesk' UNION ALL SELECT 'breakGlass'
	UNION ALL SELECT 'viewReports' UNION ALL SELECT 'webService') n
WHERE p.permission = 'manageUsers';

DROP TABLE account_permission;

ALTER TABLE account ADD COLUMN region TEXT NOT NULL DEFAULT '';

-- slice: directory
ALTER TABLE service ADD COLUMN parent_id TEXT NOT NULL DEFAULT '';
