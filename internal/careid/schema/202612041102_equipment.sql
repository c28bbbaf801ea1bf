-- +goose Up
-- How many authenticators of each person are active, and from when until when they hold access, kept so that whoever
-- holds access and has no authenticator is found by an index. since is from when on somebody holds access without one.

-- slice: identity/equipment
CREATE TABLE identity_equipment (
	uuid TEXT PRIMARY KEY,
	organisation TEXT NOT NULL,
	authenticators INTEGER NOT NULL,
	lost_at BIGINT,
	held_from BIGINT,
	held_until BIGINT,
	since BIGINT
);
INSERT INTO identity_equipment (uuid, organisation, authenticators, held_from, held_until, since)
	SELECT i.uuid, i.organisation, COALESCE(n.active, 0), h.held_from, h.held_until, h.held_from
	FROM identity i
	LEFT JOIN (SELECT uuid, COUNT(*) AS active FROM authenticator WHERE status = 'active' GROUP BY uuid) n
		ON n.uuid = i.uuid
	LEFT JOIN (SELECT uuid, MIN(starts_at) AS held_from,
		CASE WHEN COUNT(*) = COUNT(ends_at) THEN MAX(ends_at) END AS held_until FROM assignment GROUP BY uuid) h
		ON h.uuid = i.uuid
	WHERE n.uuid IS NOT NULL OR h.uuid IS NOT NULL;
CREATE INDEX identity_equipment_bare ON identity_equipment (organisation, since, uuid, held_until)
	WHERE authenticators = 0 AND since IS NOT NULL;
