package apply_test

import (
	"context"
	"strings"
	"testing"

	"signpost/internal/careid/apply"
	"signpost/internal/careid/population"
	"signpost/internal/careid/registration/permission"
	"signpost/internal/platform/db"
	"signpost/internal/platform/worldtest"
)

// A file of people is looked at first; then each of them is invited, or refused with a reason, and what was refused
// is a file that can be mended and read again.
func TestAFileOfPeople(t *testing.T) {
	w := open(t)
	ctx := w.Context()
	sponsor := w.people[permission.Sponsor]
	const text = "Surname;First name;Email address;Mobile number;ODS code\r\n" +
		"Okafor;Bea;bea.okafor@example.nhs.uk;07700 900123;Z90001\r\n" +
		"Nwosu;Cy;cy.nwosu@example.nhs.uk;07700 900124;ZTR\r\n" +
		"Okafor;Beatrice;Bea.Okafor@example.nhs.uk;07700 900125;ZTR\r\n" +
		"Marsh;Dot;dot;07700 900126;ZTR\r\n" +
		"Marsh;Eve;eve@example.nhs.uk;07700 900127;Z90002\r\n" +
		"Marsh;Fay;b@ztr.example;07700 900128;ZTR\r\n" +
		"Later;Gus;gus@example.nhs.uk;07700 900129;ZTR\r\n"
	id := worldtest.Must(w.desk.ReadFile(ctx, sponsor, []byte(text)))(t)
	read := func() apply.File {
		return worldtest.Read(w.World.World, func(ctx context.Context, r db.R) (apply.File, error) {
			return w.desk.FileOf(ctx, r, sponsor.ID, id)
		})
	}
	f := read()
	var problems []string
	for _, row := range f.Rows {
		problems = append(problems, row.Problem)
	}
	for row, says := range []string{"", "", "Row 2 has the same", "their own work email", "may not invite people",
		"has a Care Identity", ""} {
		if !strings.Contains(problems[row], says) || says == "" && problems[row] != "" {
			t.Errorf("row %d: %q, want %q", row+2, problems[row], says)
		}
	}
	w.Settle()
	if n := w.Count(`SELECT COUNT(*) FROM application`); n != 0 || len(w.Mails.All()) != 0 {
		t.Errorf("looking at a file invites %d", n)
	}
	if n := w.Count(`SELECT COUNT(*) FROM application_row WHERE sealed LIKE '%Okafor%'`); n != 0 {
		t.Error("rows are not sealed")
	}
	err := w.DB.View(ctx, func(r db.R) error {
		_, err := w.desk.FileOf(ctx, r, w.people[permission.Manager].ID, id)
		return err
	})
	if err == nil {
		t.Error("somebody else reads the file")
	}
	// What was right when the file was read may be wrong by the time.
	w.Person(population.Person{GivenName: "Gus", FamilyName: "Later", Organisation: "ZTR", Email: "gus@example.nhs.uk"})
	w.Must(w.desk.SendFile(ctx, sponsor, id))
	w.Must(w.desk.SendFile(ctx, sponsor, id)) // a second click
	w.Settle()
	f = read()
	if f.Count(apply.RowInvited) != 2 || f.Count(apply.RowRefused) != 5 || f.Count(apply.RowReady) != 0 {
		t.Errorf("invited %d, refused %d", f.Count(apply.RowInvited), f.Count(apply.RowRefused))
	}
	if n := w.Count(`SELECT COUNT(*) FROM application WHERE inviter = $1`, sponsor.ID); n != 2 {
		t.Errorf("%d applications", n)
	}
	w.link()
	mend := worldtest.Must(f.RefusedFile())(t)
	mended := strings.ReplaceAll(string(mend), ",dot,", ",dot.marsh@example.nhs.uk,")
	id = worldtest.Must(w.desk.ReadFile(ctx, sponsor, []byte(mended)))(t)
	if f = read(); f.Count(apply.RowReady) != 1 || f.Count(apply.RowRefused) != 4 {
		t.Errorf("mended: %d ready, %d refused: %s", f.Count(apply.RowReady), f.Count(apply.RowRefused), mended)
	}
	for name, content := range map[string]string{"nothing": "", "no people": "email,mobile\n", "a picture": "\x89PNG\r\n\x1a\n",
		"too many": strings.Split(text, "\r\n")[0] + strings.Repeat("\na;b;c@example.nhs.uk;07700900123;ZTR", 501)} {
		if _, err := w.desk.ReadFile(ctx, sponsor, []byte(content)); err == nil {
			t.Errorf("%s: read", name)
		}
	}
}
