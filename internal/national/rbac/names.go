package rbac

import "slices"

// The job roles that Signpost itself decides by or assigns. The last part of a role code decides;
// the national list of all of them is imported, and is not here.
const (
	ClinicalPractitioner = "R8000"
	Nurse                = "R8001"
	AdminClinicalSupport = "R8008" // with DirectoryUIAccess it opens the Directory of Services
	SystemsSupport       = "R8015"
	RegistrationManager  = "R5080"
	RegistrationAgent    = "R5090"
)

// DirectoryPosition is the name, in the notice, of the position that opens the Directory of Services.
const DirectoryPosition = "Directory of Services System"

// The activities that Signpost itself decides by.
const (
	DirectoryUIAccess = "B0166"
	CheckIdentity     = "B0267" // what makes an ID checker
	ApproveRequests   = "B1300" // what makes a sponsor
)

type roleName struct {
	role            Role
	group, subGroup string
	job             string
}

var roles = []roleName{
	{
		Role{"S8000", "G8000", ClinicalPractitioner}, "Clinical", "Clinical Provision",
		"Clinical Practitioner Access Role",
	},
	{Role{"S8000", "G8000", Nurse}, "Clinical", "Clinical Provision", "Nurse Access Role"},
	{Role{"S8001", "G8002", AdminClinicalSupport}, "Support", "Support", "Admin/Clinical Support Access Role"},
	{Role{"S8001", "G8005", SystemsSupport}, "Support", "Systems Support", "Systems Support Access Role"},
	{
		Role{"S0080", "G0450", RegistrationManager}, "Admin & Clerical", "Management - A & C",
		"Registration Authority Manager",
	},
	{Role{"S0080", "G0440", RegistrationAgent}, "Admin & Clerical", "Admin", "Registration Authority Agent"},
}

var activities = []struct{ code, name string }{
	{DirectoryUIAccess, "Directory of Service UI Access"},
	{CheckIdentity, "RA ID checker"},
	{ApproveRequests, "Approve RA Requests"},
}

// Full gives the whole code of a role of ours from its last part, or false.
func Full(job string) (Role, bool) {
	r, ok := find(job)
	return r.role, ok
}

// RoleName gives a role's name of three quoted parts as CIS2 sends it, or false.
func RoleName(job string) (string, bool) {
	r, ok := find(job)
	if !ok {
		return "", false
	}
	return `"` + r.group + `":"` + r.subGroup + `":"` + r.job + `"`, true
}

// RoleText names a role for people to read: by its name and its last part, or by the last part alone if it has no name.
func RoleText(job string) string {
	r, ok := find(job)
	if !ok {
		return job
	}
	return r.job + " (" + job + ")"
}

// ActivityText names an activity for people to read: by its name and its code, or by the code alone if it has no name.
func ActivityText(code string) string {
	name, ok := ActivityName(code)
	if !ok {
		return code
	}
	return name + " (" + code + ")"
}

// ActivityName gives the name of an activity of ours, or false.
func ActivityName(code string) (string, bool) {
	for _, a := range activities {
		if a.code == code {
			return a.name, true
		}
	}
	return "", false
}

func find(job string) (roleName, bool) {
	i := slices.IndexFunc(roles, func(r roleName) bool { return r.role.Job == job })
	if i < 0 {
		return roleName{}, false
	}
	return roles[i], true
}
