-- +goose Up
-- swept: clinic, clinic_person
-- Clinics of registration authorities: who is expected in which room on a day, how far each is, and who looks after them
-- at the moment. What somebody still lacks is not in it.

-- slice: registration/clinic
CREATE TABLE clinic (
	id TEXT PRIMARY KEY,
	organisation TEXT NOT NULL,
	name TEXT NOT NULL,
	room TEXT NOT NULL,
	day_at BIGINT NOT NULL,
	made_by TEXT NOT NULL,
	made_at BIGINT NOT NULL,
	ended_at BIGINT
);
CREATE INDEX clinic_by_organisation ON clinic (organisation, day_at);
CREATE INDEX clinic_by_day ON clinic (day_at);

CREATE TABLE clinic_person (
	clinic TEXT NOT NULL,
	uuid TEXT NOT NULL,
	place INTEGER NOT NULL,
	state TEXT NOT NULL,
	arrived_at BIGINT,
	held_by TEXT NOT NULL,
	held_until BIGINT,
	done_by TEXT NOT NULL,
	done_at BIGINT,
	day_at BIGINT NOT NULL,
	PRIMARY KEY (clinic, uuid)
);
CREATE INDEX clinic_person_by_day ON clinic_person (day_at);
