-- +goose Up
-- The national lists of job roles and activities, as far as they are published, until they are imported: what comes with
-- a role, and which activity stands above which.

-- slice: access/reference
CREATE TABLE job_role (
	code TEXT PRIMARY KEY,
	staff_group TEXT NOT NULL,
	sub_group TEXT NOT NULL,
	group_name TEXT NOT NULL,
	sub_group_name TEXT NOT NULL,
	name TEXT NOT NULL,
	retired BOOLEAN NOT NULL
);

CREATE TABLE activity (
	code TEXT PRIMARY KEY,
	name TEXT NOT NULL,
	retired BOOLEAN NOT NULL
);

CREATE TABLE activity_parent (
	code TEXT NOT NULL,
	parent TEXT NOT NULL,
	PRIMARY KEY (code, parent)
);

CREATE TABLE role_baseline (
	role TEXT NOT NULL,
	activity TEXT NOT NULL,
	PRIMARY KEY (role, activity)
);

INSERT INTO job_role (code, staff_group, sub_group, group_name, sub_group_name, name, retired) VALUES
	('R8000', 'S8000', 'G8000', 'Clinical', 'Clinical Provision', 'Clinical Practitioner Access Role', FALSE),
	('R8001', 'S8000', 'G8000', 'Clinical', 'Clinical Provision', 'Nurse Access Role', FALSE),
	('R8008', 'S8001', 'G8002', 'Support', 'Support', 'Admin/Clinical Support Access Role', FALSE),
	('R8015', 'S8001', 'G8005', 'Support', 'Systems Support', 'Systems Support Access Role', FALSE),
	('R5080', 'S0080', 'G0450', 'Admin & Clerical', 'Management - A & C', 'Registration Authority Manager', FALSE),
	('R5090', 'S0080', 'G0440', 'Admin & Clerical', 'Admin', 'Registration Authority Agent', FALSE);

INSERT INTO activity (code, name, retired) VALUES
	('B0015', 'Receive Alerts: Legal Override and Emergency View', FALSE),
	('B0016', 'Receive Alerts: Self-claimed Legitimate Relationship', FALSE),
	('B0017', 'Receive Alerts: Subject Access Request Refused', FALSE),
	('B0018', 'Receive Alerts: Sealing', FALSE),
	('B0028', 'Manage Allergies', FALSE),
	('B0030', 'Record a Patient''s Self Referral', FALSE),
	('B0055', '', FALSE),
	('B0056', 'Complete Work Item', FALSE),
	('B0058', 'Nurse Prescribers Formulary Prescribing', FALSE),
	('B0062', 'Local System Administration', FALSE),
	('B0064', '', FALSE),
	('B0066', '', FALSE),
	('B0068', 'Verify Prescription', FALSE),
	('B0071', '', FALSE),
	('B0082', 'Legal Override of Consent', FALSE),
	('B0089', 'Access DSA', FALSE),
	('B0090', 'Manage Workgroup Membership', FALSE),
	('B0098', 'Perform Extended Person Trace', FALSE),
	('B0100', 'Manage Workgroups', FALSE),
	('B0145', 'CDS Data Quality Extracts (clear)', FALSE),
	('B0166', 'Directory of Service UI Access', FALSE),
	('B0168', 'Emergency Summary Care Record Access', FALSE),
	('B0254', 'Perform Patient Registration Search', FALSE),
	('B0264', 'Access SCR Application (Perform Patient Trace)', FALSE),
	('B0267', 'RA ID checker', FALSE),
	('B0278', 'Prescription Preparation', FALSE),
	('B0340', 'Register Patients', FALSE),
	('B0360', 'View Detailed Health Records', FALSE),
	('B0370', 'View Summary Health Records', FALSE),
	('B0380', 'Perform Detailed Health Record', FALSE),
	('B0401', 'View Patient Medication', FALSE),
	('B0420', 'Independent Prescribing', FALSE),
	('B0422', 'Reauthorise Medication', FALSE),
	('B0424', 'Manage Nominated Pharmacy', FALSE),
	('B0428', 'Personal Medication Administration', FALSE),
	('B0440', '', FALSE),
	('B0450', 'Test Actions', FALSE),
	('B0560', 'Patient Administration', FALSE),
	('B0570', 'Perform Pharmacy Activities', FALSE),
	('B0571', '', FALSE),
	('B0572', 'Manage Pharmacy Activities', FALSE),
	('B0790', 'Perform Clinical Coding', FALSE),
	('B0800', '', FALSE),
	('B0815', 'Clinical Documents', FALSE),
	('B0825', 'Amend Patient Demographics', FALSE),
	('B0862', 'Staff Diary', FALSE),
	('B0994', 'Ad-hoc Reports', FALSE),
	('B1300', 'Approve RA Requests', FALSE),
	('B1510', 'CDS Extracts (group pseudonymised)', FALSE),
	('B1560', 'PbR Commissioning Extracts', FALSE),
	('B1570', 'View Shared Non Patient Identifiable Information', FALSE),
	('B1611', 'Access Sensitive (S) Flagged Records', FALSE),
	('B1666', 'View Sensitive Results', FALSE),
	('B1680', 'Manage Patient Duplicate Records', FALSE),
	('B1690', '', FALSE),
	('B1692', '', FALSE),
	('B1693', '', FALSE),
	('B1694', '', FALSE),
	('B1700', 'Local System Configuration', FALSE),
	('B1842', 'GPES: Request Extract', FALSE),
	('B1843', 'GPES: View Results', FALSE),
	('B1844', 'GPES: Preferences', FALSE),
	('B1845', 'GPES: Decisions', FALSE),
	('B8002', 'Manage Shared Non Patient Identifiable Information', FALSE),
	('B8018', 'View Test Requests', FALSE),
	('B8028', 'Verify Health Records', FALSE),
	('B8029', 'Manage Detailed Health Records', FALSE);

INSERT INTO activity_parent (code, parent) VALUES
	('B0571', 'B0570'),
	('B0572', 'B0570'),
	('B0058', 'B0278'),
	('B0420', 'B0278'),
	('B0440', 'B0278'),
	('B0790', 'B0360'),
	('B1693', 'B0360'),
	('B0066', 'B0360'),
	('B1690', 'B0360'),
	('B0380', 'B0790'),
	('B0800', 'B0790'),
	('B1694', 'B1693'),
	('B0064', 'B1694'),
	('B1692', 'B0066'),
	('B0071', 'B1692'),
	('B0055', 'B0380'),
	('B8028', 'B0380'),
	('B8029', 'B8028');

INSERT INTO role_baseline (role, activity) VALUES
	('R8004', 'B0570'),
	('R8003', 'B0572'),
	('R8008', 'B0572'),
	('R8008', 'B0058'),
	('R8000', 'B0420'),
	('R8000', 'B8029');
