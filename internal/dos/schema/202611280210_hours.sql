-- +goose Up
-- Bank holidays that were proclaimed for one year, the roles of organisations, and hours that nobody has given.

-- slice: directory
CREATE TABLE bank_holiday (
	day TEXT PRIMARY KEY,
	name TEXT NOT NULL,
	instead_of TEXT NOT NULL
);

ALTER TABLE ods_organisation ADD COLUMN roles TEXT NOT NULL DEFAULT '';

-- The list of pharmacies has no bank holidays: where people have not given them since, they are not known.
UPDATE service SET hours = hours || '?' WHERE source_key LIKE 'pharmacies:%' AND hours LIKE '%|'
	AND NOT EXISTS (SELECT 1 FROM service_history h WHERE h.service_id = service.id
	AND h.field = 'Opening hours' AND h.changed_by_kind <> 'import');

-- An end at 23:59 is midnight, and midnight is stored as 24:00: 00:00-00:00 has two meanings.
UPDATE service SET hours = REPLACE(REPLACE(hours, '-23:59', '-24:00'), '-00:00', '-24:00')
	WHERE hours LIKE '%-23:59%' OR hours LIKE '%-00:00%';

-- slice: directory/importing
-- What imports wrote is compared with what is there when they are undone, so it changes with it.
UPDATE import_change
	SET before = REPLACE(REPLACE(REPLACE(before, '-23:59', '-24:00'), '-00:00', '-24:00'), '|"}', '|?"}'),
	after = REPLACE(REPLACE(REPLACE(after, '-23:59', '-24:00'), '-00:00', '-24:00'), '|"}', '|?"}')
	WHERE record_key LIKE 'pharmacies:%';
UPDATE import_stage
	SET record = REPLACE(REPLACE(REPLACE(record, '-23:59', '-24:00'), '-00:00', '-24:00'), '|"}', '|?"}')
	WHERE record_key LIKE 'pharmacies:%';
