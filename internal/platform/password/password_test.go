package password_test

import (
	"errors"
	"strings"
	"testing"

	"golang.org/x/crypto/bcrypt"

	"signpost/internal/platform/fault"
	"signpost/internal/platform/password"
)

func hasher(t *testing.T) *password.Hasher {
	t.Helper()
	h, err := password.New(password.Cheap)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestCheck(t *testing.T) {
	h := hasher(t)
	own, err := h.Hash(t.Context(), password.Asker{}, "correct horse")
	if err != nil {
		t.Fatal(err)
	}
	old, err := bcrypt.GenerateFromPassword([]byte("correct horse"), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("correct ", 9)
	cut, err := bcrypt.GenerateFromPassword([]byte(long), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, kept, plain string
		fits, upgrade     bool
	}{
		{"right", own, "correct horse", true, false},
		{"wrong", own, "correct horsf", false, false},
		{"empty", own, "", false, false},
		{"imported bcrypt", string(old), "correct horse", true, true},
		{"imported bcrypt, wrong", string(old), "wrong", false, false},
		{"imported bcrypt, longer than bcrypt reads", string(old), strings.Repeat("long ", 40), false, false},
		{"imported bcrypt, all that it reads", string(cut), long, true, true},
		{"imported bcrypt, and an end that it does not read", string(cut), long + "horsf", true, false},
		{"nobody", "", "nobody has this password", false, false},
		{"nobody, longer than bcrypt reads", "", strings.Repeat("long ", 40), false, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			fits, upgrade, err := h.Check(t.Context(), password.Asker{}, tt.kept, tt.plain)
			if err != nil || fits != tt.fits || upgrade != tt.upgrade {
				t.Errorf("Check = %v, %v, %v; want %v, %v", fits, upgrade, err, tt.fits, tt.upgrade)
			}
		})
	}
	if _, _, err := h.Check(t.Context(), password.Asker{}, "not a hash", "x"); err == nil {
		t.Error("a broken hash was checked without an error")
	}
}

func TestAcceptable(t *testing.T) {
	for plain, ok := range map[string]bool{
		"four words in a row":     true,
		"elevenchars":             false,
		"Password123456":          false,
		"my name is annexample!":  false,
		strings.Repeat("x", 129):  false,
		"ünïcodé counts as it is": true,
	} {
		err := password.Acceptable(plain, "annexample", "an")
		if (err == nil) != ok || (err != nil && !errors.Is(err, fault.Invalid)) {
			t.Errorf("Acceptable(%q) = %v, want ok %v", plain, err, ok)
		}
	}
}
