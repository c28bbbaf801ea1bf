-- +goose Up
-- What staff records say by messages: with whom their people are associated, which of their positions are those of
-- organisations here, which assignments they gave, and every message with what became of it. The National Insurance
-- number of a message is sealed; its birth date stands here as it does among the details of people.

-- slice: registration
CREATE TABLE staff_person (
	organisation TEXT NOT NULL,
	employee TEXT NOT NULL,
	uuid TEXT NOT NULL,
	since BIGINT NOT NULL,
	PRIMARY KEY (organisation, employee)
);
CREATE UNIQUE INDEX staff_person_by_identity ON staff_person (organisation, uuid);

CREATE TABLE staff_position (
	organisation TEXT NOT NULL,
	number TEXT NOT NULL,
	position_id TEXT NOT NULL,
	asked_id TEXT NOT NULL,
	asked_at BIGINT,
	decided_by TEXT NOT NULL,
	decided_at BIGINT,
	PRIMARY KEY (organisation, number)
);
CREATE INDEX staff_position_by_position ON staff_position (position_id);

CREATE TABLE staff_assignment (
	organisation TEXT NOT NULL,
	number TEXT NOT NULL,
	employee TEXT NOT NULL,
	uuid TEXT NOT NULL,
	staff_position TEXT NOT NULL,
	assignment_id TEXT NOT NULL,
	PRIMARY KEY (organisation, number)
);
CREATE INDEX staff_assignment_by_assignment ON staff_assignment (assignment_id);
CREATE INDEX staff_assignment_by_employee ON staff_assignment (organisation, employee);

CREATE TABLE staff_message (
	organisation TEXT NOT NULL,
	id TEXT NOT NULL,
	kind TEXT NOT NULL,
	employee TEXT NOT NULL,
	staff_position TEXT NOT NULL,
	assignment TEXT NOT NULL,
	body TEXT NOT NULL,
	digest TEXT NOT NULL,
	state TEXT NOT NULL,
	outcome TEXT NOT NULL,
	received_at BIGINT NOT NULL,
	place BIGINT NOT NULL,
	settled_by TEXT NOT NULL,
	settled_at BIGINT NOT NULL,
	PRIMARY KEY (organisation, id)
);
CREATE INDEX staff_message_by_state ON staff_message (organisation, state, received_at);
CREATE INDEX staff_person_of_identity ON staff_person (uuid);
CREATE INDEX staff_assignment_of_identity ON staff_assignment (uuid);
