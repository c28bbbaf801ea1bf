package campaign_test

import (
	"errors"
	"strings"
	"testing"

	"signpost/internal/dos/mailing"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/mail/received"
)

// Whose mail came back can get a letter of that mail, and of the next one, which leaves them out.
func TestLettersToThoseWhoseMailCameBack(t *testing.T) {
	w := newWorld(t)
	w.Post.Bounces = "in.example"
	away := w.user("ann")
	w.user("bo")
	by := actor.Actor{Kind: actor.Person, ID: w.boss.ID, Name: "Boss"}
	first := w.send(mailing.Selection{})
	if _, err := w.office.MakeLetters(t.Context(), by, first.ID); !errors.Is(err, fault.Conflict) {
		t.Errorf("letters before anything came back: %v", err)
	}
	for _, m := range w.Mails.To(away.Email) {
		local, _, _ := strings.Cut(m.Return, "@")
		_, tag, _ := strings.Cut(local, "+")
		w.Must(w.Post.Returned(t.Context(), tag, received.Report{Action: "failed", Status: "5.1.1"}))
	}
	next, err := w.office.Prepare(t.Context(), by, mailing.Selection{}, mailing.Text{Kind: mailing.Steps})
	w.Must(err)
	for name, id := range map[string]string{"of the mail that came back": first.ID, "of the next one": next.ID} {
		file, err := w.office.MakeLetters(t.Context(), by, id)
		w.Must(err)
		letters, err := w.office.Letters(t.Context(), by, id, file)
		w.Must(err)
		if len(letters) != 1 || !strings.Contains(letters[0].Paragraphs[0], "ann") {
			t.Errorf("%s: %+v", name, letters)
		}
	}
}
