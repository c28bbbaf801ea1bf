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

// list is a list of breached passwords.
type list map[string]bool

func (l list) Has(plain string) (bool, error) {
	if plain == "the list is damaged" {
		return false, errDamaged
	}
	return l[plain], nil
}

var errDamaged = errors.New("damaged")

func TestAcceptable(t *testing.T) {
	h := hasher(t)
	h.Breached = list{"trombone and tuba": true, "Zebra Crossing!": true, "wombat77": true}
	own := []string{"annexample", "Ann", "O'Keeffe-Smith", "ann.marple@nhs.net"}
	for _, tt := range []struct {
		plain string
		use   password.Use
		want  string // the key of the fault; empty where it is accepted
	}{
		{"four words in a row", password.Alone, ""},
		{"fourteen chars", password.Alone, "password-length"},
		{"fifteen letters", password.Alone, ""},
		{"fourteen chars", password.WithCode, ""},
		{"w0mb4ts", password.WithCode, "password-length"},
		{"w0mb4ts!", password.WithCode, ""},
		{"🐨🦘🐨🦘🦔🐨🦘🦔", password.WithCode, ""}, // counted in characters, of any kind
		{"🐨🦘🐨🦘", password.WithCode, "password-length"},
		{strings.Repeat("ab cde ", 18) + "ab", password.Alone, ""},
		{strings.Repeat("ab cde ", 18) + "abc", password.Alone, "password-length"},
		{"ünïcodé counts as it is", password.Alone, ""},
		{"83950172641972", password.WithCode, ""}, // no rule asks for letters
		{"Password123456", password.WithCode, "password-common"},
		{"P@55w0rd", password.WithCode, "password-common"},
		{"Summer2026!", password.WithCode, "password-common"},
		{"Winter-2025/26", password.WithCode, "password-common"},
		{"NhsHospital1", password.WithCode, "password-common"},
		{"12345678", password.WithCode, "password-common"},
		{"987654321098765", password.Alone, "password-common"},
		{"qwertyuiop", password.WithCode, "password-common"},
		{"1qaz2wsx3edc", password.WithCode, "password-common"},
		{"abcdefghijklmnop", password.Alone, "password-common"},
		{"aaaaaaaaaaaaaaaa", password.Alone, "password-common"},
		{"ab12ab12ab12", password.WithCode, "password-common"},
		{"                ", password.Alone, "password-common"},
		{"summer 8395017264", password.WithCode, ""}, // what is added is a good password itself
		{"summers in cornwall", password.Alone, ""},
		{"my name is annexample!", password.Alone, "password-name"},
		{"keeffe is my name", password.Alone, "password-name"},
		{"KEEFFE is my name", password.Alone, "password-name"},
		{"miss marple lives", password.Alone, "password-name"},
		{"announcements of trains", password.Alone, ""}, // a name of three letters
		{"a house of nhs.net", password.Alone, ""},      // what everybody's address has
		{"Care-Identity 77", password.WithCode, "password-name"},
		{"directory of services!", password.Alone, "password-name"},
		{"trombone and tuba", password.Alone, "password-common"},
		{"Trombone and Tuba", password.Alone, "password-common"}, // the list has it in small letters
		{"trombone and\u00a0tuba", password.Alone, "password-common"},
		{"Zebra Crossing!", password.Alone, "password-common"},
		{"zebra crossing!", password.Alone, ""},
		{"wombat77", password.WithCode, "password-common"},
	} {
		err := h.Acceptable(tt.use, tt.plain, own...)
		f, _ := fault.From(err)
		if got := keyOf(f); got != tt.want || err != nil && !errors.Is(err, fault.Invalid) {
			t.Errorf("Acceptable(%d, %q) = %v, want %q", tt.use, tt.plain, err, tt.want)
		}
	}
	if err := h.Acceptable(password.Alone, "the list is damaged"); !errors.Is(err, errDamaged) {
		t.Errorf("with a damaged list: %v", err)
	}
	h.Breached = nil
	if err := h.Acceptable(password.Alone, "trombone and tuba"); err != nil {
		t.Errorf("without a list: %v", err)
	}
}

func keyOf(f *fault.Fault) string {
	if f == nil {
		return ""
	}
	return f.Key
}

// A password fits however a keyboard sends its letters. What an older system hashed fits as it was typed there.
func TestOneFormOfAPassword(t *testing.T) {
	h := hasher(t)
	const composed, apart = "caf\u00e9 noir", "cafe\u0301\u00a0noir"
	own, err := h.Hash(t.Context(), password.Asker{}, apart)
	if err != nil {
		t.Fatal(err)
	}
	older, err := bcrypt.GenerateFromPassword([]byte(apart), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, stored, plain string
		want                bool
	}{
		{"our own, in one letter", own, composed, true}, {"our own, in two", own, apart, true},
		{"our own, another word", own, "cafe noir", false},
		{"older, as it was", string(older), apart, true}, {"older, otherwise", string(older), composed, false},
	} {
		if fits, _, err := h.Check(t.Context(), password.Asker{}, tt.stored, tt.plain); fits != tt.want || err != nil {
			t.Errorf("%s: %v, %v", tt.name, fits, err)
		}
	}
}
