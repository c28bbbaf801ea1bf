package rbac_test

import (
	"errors"
	"testing"

	"signpost/internal/national/rbac"
)

func TestDirectoryAccess(t *testing.T) {
	tests := []struct {
		name       string
		role       string
		activities []string
		want       bool
	}{
		{"the position of the notice", "S8001:G8002:R8008", []string{"B0166"}, true},
		{"with other activities", "S8001:G8002:R8008", []string{"B0572", "B0166"}, true},
		{"bare role code", "R8008", []string{"B0166"}, true},
		{"whole activity code", "R8008", []string{"D8002:C8006:B0166"}, true},
		{"role without the activity", "S8001:G8002:R8008", []string{"B0572"}, false},
		{"role with no activity", "S8001:G8002:R8008", nil, false},
		{"activity on another role", "S8000:G8000:R8001", []string{"B0166"}, false},
		{"role code in the activities", "R8001", []string{"R8008", "B0166"}, false},
		{"lower case", "s8001:g8002:r8008", []string{"b0166"}, false},
		{"role code with a tail", "R80081", []string{"B0166"}, false},
		{"activity code with a tail", "R8008", []string{"B01660"}, false},
		{"role code with a line end", "R8008\n", []string{"B0166"}, false},
		{"nothing", "", nil, false},
	}
	for _, tt := range tests {
		if got := rbac.DirectoryAccess(tt.role, tt.activities); got != tt.want {
			t.Errorf("%s: DirectoryAccess = %v, want %v", tt.name, got, tt.want)
		}
	}
}

func TestParseRole(t *testing.T) {
	for _, s := range []string{"S8001:G8002:R8008", "R8008"} {
		r, err := rbac.ParseRole(s)
		if err != nil || r.String() != s || r.Job != rbac.AdminClinicalSupport {
			t.Errorf("ParseRole(%q) = %v, %v", s, r, err)
		}
	}
	for _, s := range []string{"", "R808", "G8002:R8008", "S8001:G8002", "S8001:G8002:B0166",
		"S8001:G8002:R8008:R8008"} {
		if r, err := rbac.ParseRole(s); !errors.Is(err, rbac.ErrFormat) {
			t.Errorf("ParseRole(%q) = %v, %v; want ErrFormat", s, r, err)
		}
	}
}

func TestNames(t *testing.T) {
	full, ok := rbac.Full(rbac.AdminClinicalSupport)
	if !ok || full.String() != "S8001:G8002:R8008" {
		t.Errorf("Full = %v, %v", full, ok)
	}
	name, ok := rbac.RoleName(rbac.AdminClinicalSupport)
	if !ok || name != `"Support":"Support":"Admin/Clinical Support Access Role"` {
		t.Errorf("RoleName = %s, %v", name, ok)
	}
	if got := rbac.JobName(name); got != "Admin/Clinical Support Access Role" {
		t.Errorf("JobName = %q", got)
	}
	if got := rbac.JobName("Pharmacist"); got != "Pharmacist" {
		t.Errorf("JobName of a plain name = %q", got)
	}
	if got, ok := rbac.ActivityName("B0166"); !ok || got != "Directory of Service UI Access" {
		t.Errorf("ActivityName = %q, %v", got, ok)
	}
	for _, job := range []string{rbac.ClinicalPractitioner, rbac.Nurse, rbac.SystemsSupport,
		rbac.RegistrationManager, rbac.RegistrationAgent} {
		if full, ok := rbac.Full(job); !ok || full.Group == "" || full.SubGroup == "" {
			t.Errorf("%s has no whole code", job)
		}
	}
	if _, ok := rbac.RoleName("R0000"); ok {
		t.Error("a role that does not exist has a name")
	}
	if _, ok := rbac.ActivityName("B9999"); ok {
		t.Error("an activity that does not exist has a name")
	}
}

// People read names of roles and activities with their codes, and codes alone where there is no name.
func TestTexts(t *testing.T) {
	for got, want := range map[string]string{
		rbac.RoleText(rbac.AdminClinicalSupport):  "Admin/Clinical Support Access Role (R8008)",
		rbac.RoleText("R0000"):                    "R0000",
		rbac.ActivityText(rbac.DirectoryUIAccess): "Directory of Service UI Access (B0166)",
		rbac.ActivityText("B9999"):                "B9999",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
