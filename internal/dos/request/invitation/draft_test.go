package invitation_test

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf16"

	"signpost/internal/dos/request/invitation"
	"signpost/internal/platform/fault"
)

// prepared gives the list that was made of what was pasted, or of a file.
func (w *world) prepared(pasted, file string) (invitation.Draft, error) {
	w.Helper()
	cookie, err := w.invitations.Prepare(w.Context(), as(w.norma), pasted, file)
	if err != nil {
		return invitation.Draft{}, err
	}
	return w.invitations.Prepared(w.Context(), as(w.norma), cookie)
}

func TestColleaguesAsPeoplePasteThem(t *testing.T) {
	w := newWorld(t)
	for _, tt := range []struct {
		pasted, first, last, email, problem string
	}{
		{"Nia Newcomer, nia@example.nhs.uk", "Nia", "Newcomer", "nia@example.nhs.uk", ""},
		{"Nia,Newcomer,nia@example.nhs.uk", "Nia", "Newcomer", "nia@example.nhs.uk", ""},
		{"nia@example.nhs.uk;Nia;Newcomer", "Nia", "Newcomer", "nia@example.nhs.uk", ""},
		{"Nia Newcomer\tnia@example.nhs.uk\r", "Nia", "Newcomer", "nia@example.nhs.uk", ""},
		{`"Nia ""N"" Newcomer",<nia@example.nhs.uk>`, "Nia", `"N" Newcomer`, "nia@example.nhs.uk", ""},
		{`"Newcomer, Nia",nia@example.nhs.uk`, "Nia", "Newcomer", "nia@example.nhs.uk", ""},
		{"\ufeffName,Email\nNia Newcomer,nia@example.nhs.uk", "Nia", "Newcomer", "nia@example.nhs.uk", ""},
		{"Nia Newcomer", "Nia", "Newcomer", "", "no email address"},
		{"Nia, nia@@example", "Nia", "", "nia@@example", "is not an email address"},
		{"Desk, reception@example.nhs.uk", "Desk", "", "reception@example.nhs.uk", "a team’s"},
		{"nia@example.nhs.uk", "", "", "nia@example.nhs.uk", "no name"},
		{"Call 0800 1, nia@example.nhs.uk", "Call", "0800 1", "nia@example.nhs.uk", "without digits"},
		{"Your account www.bad.example, nia@example.nhs.uk", "Your", "account www.bad.example", "nia@example.nhs.uk",
			"a space after a full stop"},
	} {
		list, err := w.prepared(tt.pasted, "")
		w.Must(err)
		if len(list.Colleagues) != 1 {
			t.Errorf("%q: %d lines", tt.pasted, len(list.Colleagues))
			continue
		}
		got := list.Colleagues[0]
		if got.FirstName != tt.first || got.LastName != tt.last || got.Email != tt.email ||
			!strings.Contains(got.Problem, tt.problem) || (got.Problem == "") != (tt.problem == "") {
			t.Errorf("%q: %+v", tt.pasted, got)
		}
	}
	twice, err := w.prepared("Nia Newcomer, nia@example.nhs.uk\n\nNia Again, NIA@example.nhs.uk", "")
	w.Must(err)
	if again := twice.Colleagues[1]; again.Problem != "The address is on line 1 already" || again.Line != 3 {
		t.Errorf("twice: %+v", again)
	}
}

// utf16Text is how Excel writes "Unicode Text".
func utf16Text(text string) string {
	written := []byte{0xFF, 0xFE}
	for _, unit := range utf16.Encode([]rune(text)) {
		written = append(written, byte(unit), byte(unit>>8))
	}
	return string(written)
}

// A file is read in whatever encoding, with whatever between its columns, in whatever order and under the usual
// headings.
func TestColleaguesAsFilesHaveThem(t *testing.T) {
	w := newWorld(t)
	for name, file := range map[string]string{
		"with headings":         "First name,Last name,Email\nZoë,Newcomer,nia@example.nhs.uk\n",
		"in another order":      "E-mail address;Telephone;Surname;Forename\nnia@example.nhs.uk;0113;Newcomer;Zoë\n",
		"with whole names":      "Full Name,NHSmail\nZoë Newcomer,nia@example.nhs.uk\n",
		"with last names first": "Name,Email\n\"Newcomer, Zoë\",nia@example.nhs.uk\n",
		"without headings":      "Zoë,Newcomer,nia@example.nhs.uk\n",
		"as CSV UTF-8":          "\xef\xbb\xbfName,Email\r\nZoë Newcomer,nia@example.nhs.uk\r\n,\r\n",
		"in Windows-1252":       "Name,Email\r\nZo\xeb Newcomer,nia@example.nhs.uk\r\n",
		"in UTF-16":             utf16Text("Name\tEmail\r\nZoë Newcomer\tnia@example.nhs.uk\r\n"),
		"that names its commas": "sep=;\nName;Email\nZoë Newcomer;nia@example.nhs.uk\n",
	} {
		list, err := w.prepared("", file)
		w.Must(err)
		if len(list.Colleagues) != 1 {
			t.Errorf("%s: %+v", name, list.Colleagues)
			continue
		}
		got := list.Colleagues[0]
		if got.Name() != "Zoë Newcomer" || got.Email != "nia@example.nhs.uk" || got.Problem != "" {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// Each row that cannot be used is named by the number that a spreadsheet shows, with what it says and why not.
func TestRowsOfAFileThatCannotBeUsed(t *testing.T) {
	w := newWorld(t)
	list, err := w.prepared("", "Name,Email\n\nNia Newcomer,nia@example.nhs.uk\nBo\nDesk,reception@example.nhs.uk\n"+
		"Nia Again,NIA@example.nhs.uk\n")
	w.Must(err)
	refused := list.Refused()
	if len(list.Usable()) != 1 || len(refused) != 3 {
		t.Fatalf("%+v", list)
	}
	for i, want := range []struct {
		line          int
		text, problem string
	}{
		{4, "Bo", "Row 4 has 1 column"}, {5, "Desk, reception@example.nhs.uk", "a team’s"},
		{6, "Nia Again, NIA@example.nhs.uk", "on line 3 already"},
	} {
		if got := refused[i]; got.Line != want.line || got.Text != want.text ||
			!strings.Contains(got.Problem, want.problem) {
			t.Errorf("%+v, want %+v", got, want)
		}
	}
}

func TestListsThatAreRefused(t *testing.T) {
	w := newWorld(t)
	const one = "Nia Newcomer, nia@example.nhs.uk"
	for name, tt := range map[string]struct{ pasted, file, field, says string }{
		"nothing":                    {"", "", "colleagues", "or choose a file"},
		"both":                       {one, one, "file", "not both"},
		"51 in a file":               {"", strings.Repeat(one+"\n", 51), "file", "50 colleagues or fewer"},
		"a workbook":                 {"", "PK\x03\x04", "file", "CSV UTF-8"},
		"an empty file":              {"", " \n", "file", "empty"},
		"a file without a name":      {"", "Email,Telephone\n", "colleagues", "at least one"},
		"a file of headings unknown": {"", "Mailing,Name\nx,y\n", "file", "no column email"},
		"a file that is too large":   {"", one + strings.Repeat(" ", 130<<10), "file", "larger than"},
	} {
		_, err := w.prepared(tt.pasted, tt.file)
		said, is := fault.From(err)
		if !is || said.Field != tt.field || !strings.Contains(said.Message, tt.says) || !errors.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
