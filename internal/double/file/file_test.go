package file_test

import (
	"errors"
	"os"
	"strings"
	"testing"

	"signpost/internal/double/file"
)

// honest is the file that docs/double.md shows.
func honest(t testing.TB) string {
	t.Helper()
	text, err := os.ReadFile("example.toml")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestParse(t *testing.T) {
	f, err := file.Parse([]byte(honest(t)))
	if err != nil {
		t.Fatal(err)
	}
	if len(f.Clients) != 1 || f.Clients[0].Secret == "" || f.Clients[0].AuthMethod != "client_secret_post" {
		t.Errorf("clients %+v", f.Clients)
	}
	ada := f.People[0]
	if ada.ID != "ada" || ada.UUID != "500000000017" || !ada.EmailVerified || len(ada.Authenticators) != 2 ||
		ada.Registrations["gmc"] != "7654321" {
		t.Errorf("read %+v", ada)
	}
	if role, err := ada.Positions[0].FullRole(); err != nil || role != "S8000:G8000:R8000" ||
		ada.Positions[0].Workgroups[0].Name != "Example group" {
		t.Errorf("position %+v, role %s, %v", ada.Positions[0], role, err)
	}
}

// Each mistake is named by its place and its line, with words that say what to do.
func TestParseNamesEachMistake(t *testing.T) {
	text := honest(t)
	for _, tt := range []struct{ name, from, to, place, message string }{
		{"unknown member of a person", "given_name = \"Ada\"", "forename = \"Ada\"", "people[1].forename", "use one of authenticators"},
		{"unknown member of a client", "client_name", "name", "clients[1].name", "There is no setting"},
		{"unknown table", "[[organisations]]", "[[companies]]", "companies", "There is no such setting"},
		{"unknown member of a position", "role = \"R8000\"", "roles = \"R8000\"", "people[1].positions[1].roles", "no such setting"},
		{"member in another case", "family_name = \"Example\"", "Family_Name = \"Example\"", "people[1].Family_Name", "no such setting"},
		{"number for text", `given_name = "Ada"`, `given_name = 7`, "people[1].given_name", "a text in quotes"},
		{"text for number", "id_assurance_level = 3", `id_assurance_level = "3"`, "people[1].id_assurance_level", "a whole number"},
		{"text for list", `redirect_uris = ["http://localhost:3000/callback"]`, `redirect_uris = "http://localhost:3000/callback"`, "clients[1].redirect_uris", "a list of texts"},
		{"identity level too high", "id_assurance_level = 3", "id_assurance_level = 4", "people[1].id_assurance_level", "from 0 to 3"},
		{"kind that is not one", `kind = "security_key"`, `kind = "yubikey"`, "people[1].authenticators[1].kind", "security_key"},
		{"level above the kind's", "level = 2", "level = 3", "people[1].authenticators[2].level", "from 1 to 2"},
		{"role that is not one", `role = "R8000"`, `role = "doctor"`, "people[1].positions[1].role", "S8001:G8002:R8008"},
		{"body that is not one", "gmc =", "gcm =", "people[1].registrations.gcm", "gmc"},
		{"bad uuid", `"500000000017"`, `"17"`, "people[1].uuid", "12 digits"},
		{"two with one id", `id = "bo"`, `id = "ada"`, "people[2].id", "people[1] too"},
		{"bad email", `"ada@example.invalid"`, `"ada"`, "people[1].email", "email address"},
		{"status", `status = "suspended"`, `status = "gone"`, "people[3].status", "active, suspended or closed"},
		{"auto of nobody", `# auto = { person = "ada" }`, `auto = { person = "eve" }`, "auto.person", "nobody with the id"},
		{"no scope openid", `"openid", `, "", "clients[1].scope", "must contain openid"},
		{"no TOML", `[[clients]]`, `[[clients]`, "", "not TOML"},
	} {
		wrong := strings.Replace(text, tt.from, tt.to, 1)
		if wrong == text {
			t.Fatalf("%s: nothing replaced", tt.name)
		}
		_, err := file.Parse([]byte(wrong))
		var found file.Problems
		if !errors.As(err, &found) || !named(found, tt.place, tt.message, lineOf(text, tt.from)) {
			t.Errorf("%s: %v; want line %d, %s with %q", tt.name, err, lineOf(text, tt.from), tt.place, tt.message)
		}
	}
}

func lineOf(text, part string) int {
	return 1 + strings.Count(text[:strings.Index(text, part)], "\n")
}

func named(found file.Problems, place, message string, line int) bool {
	for _, p := range found {
		if p.Place == place && strings.Contains(p.Message, message) && p.Line == line {
			return true
		}
	}
	return false
}

func TestReadSaysWhichFile(t *testing.T) {
	if _, err := file.Read("nowhere.toml"); err == nil || !strings.Contains(err.Error(), "nowhere.toml") {
		t.Errorf("%v", err)
	}
	if _, err := file.Read("example.toml"); err != nil {
		t.Error(err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(honest(f)))
	f.Add([]byte("[[people]]\nid = 1\n[[people.positions]]\nrole = []\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		got, err := file.Parse(text)
		if err == nil && (len(got.Clients) == 0 || len(got.People) == 0) {
			t.Errorf("accepted %+v", got)
		}
	})
}
