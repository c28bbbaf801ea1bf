package banner_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/banner"
	"signpost/internal/dos/dostest"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

const (
	home = "https://dos.example.nhs.uk"
	cim  = "https://cim.example.nhs.uk"
)

var noon = time.Date(2026, 10, 1, 12, 0, 0, 0, time.UTC)

type world struct {
	*dostest.World

	office banner.Office
	team   actor.Actor
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{World: dostest.Open(t, noon)}
	w.AddWaves()
	w.office = banner.Office{DB: w.DB, Homes: []string{home, cim}, Board: banner.NewBoard(w.DB)}
	w.team = w.person("team", account.Everywhere.Of(account.ManageWaves))
	return w
}

func (w *world) person(username string, grants account.Grants) actor.Actor {
	a := w.Account(account.New{Username: username, Email: username + "@example.nhs.uk", Grants: grants}, "")
	return actor.Actor{Kind: actor.Person, ID: a.ID, Name: a.Name()}
}

// tonight is a message that is right.
func tonight() banner.Typed {
	return banner.Typed{Text: "Logins are off tonight.", Ends: noon.Add(8 * time.Hour)}
}

func (w *world) up(t banner.Typed) string {
	w.Helper()
	id, err := w.office.Write(w.Context(), w.team, t)
	w.Must(err)
	w.Must(w.office.PutUp(w.Context(), w.team, id))
	return id
}

func (w *world) standing(waveID string) (texts []string) {
	w.Helper()
	list, err := w.office.Board.For(w.Context(), waveID)
	w.Must(err)
	for _, b := range list {
		texts = append(texts, b.Text)
	}
	return texts
}

func TestWhatIsWrongWithAMessage(t *testing.T) {
	w := newWorld(t)
	for name, tt := range map[string]struct {
		change func(t *banner.Typed)
		field  string // that is wrong; empty for none
	}{
		"right":              {func(*banner.Typed) {}, ""},
		"no text":            {func(t *banner.Typed) { t.Text = " " }, "text"},
		"two lines":          {func(t *banner.Typed) { t.Text = "One\nTwo" }, "text"},
		"as long as can be":  {func(t *banner.Typed) { t.Text = strings.Repeat("a", banner.MaxText) }, ""},
		"too long":           {func(t *banner.Typed) { t.Text = strings.Repeat("a", banner.MaxText+1) }, "text"},
		"link in the text":   {func(t *banner.Typed) { t.Text = "See evil.example/in" }, "text"},
		"our link in it":     {func(t *banner.Typed) { t.Text = "See " + home + "/help" }, "text"},
		"mailbox in it":      {func(t *banner.Typed) { t.Text = "Write to ann@nhs.net" }, "text"},
		"turned text":        {func(t *banner.Typed) { t.Text = "Logins \u202eoff" }, "text"},
		"a path":             {func(t *banner.Typed) { t.Link, t.LinkText = "/checklist", "Checklist" }, ""},
		"our page":           {func(t *banner.Typed) { t.Link, t.LinkText = home+"/help", "Help" }, ""},
		"our other site":     {func(t *banner.Typed) { t.Link, t.LinkText = cim+"/apply", "Apply" }, ""},
		"another site":       {func(t *banner.Typed) { t.Link, t.LinkText = "https://evil.example/", "In" }, "link"},
		"looks like ours":    {func(t *banner.Typed) { t.Link, t.LinkText = home+".evil.example/", "In" }, "link"},
		"no scheme":          {func(t *banner.Typed) { t.Link, t.LinkText = "//evil.example/", "In" }, "link"},
		"backslash":          {func(t *banner.Typed) { t.Link, t.LinkText = `/\evil.example`, "In" }, "link"},
		"script":             {func(t *banner.Typed) { t.Link, t.LinkText = "javascript:alert(1)", "In" }, "link"},
		"link says nothing":  {func(t *banner.Typed) { t.Link = "/checklist" }, "link_text"},
		"says another":       {func(t *banner.Typed) { t.Link, t.LinkText = "/checklist", "nhs.uk" }, "link_text"},
		"leads nowhere":      {func(t *banner.Typed) { t.LinkText = "Checklist" }, "link"},
		"no such wave":       {func(t *banner.Typed) { t.Wave = "none" }, "wave"},
		"no end":             {func(t *banner.Typed) { t.Ends = time.Time{} }, "until"},
		"over already":       {func(t *banner.Typed) { t.Ends = noon }, "until"},
		"ends first":         {func(t *banner.Typed) { t.Begins = t.Ends.Add(time.Minute) }, "until"},
		"for as long as can": {func(t *banner.Typed) { t.Ends = noon.AddDate(0, 0, banner.MaxDays) }, ""},
		"for too long":       {func(t *banner.Typed) { t.Ends = noon.AddDate(0, 0, banner.MaxDays+1) }, "until"},
	} {
		typed := tonight()
		tt.change(&typed)
		_, err := w.office.Write(w.Context(), w.team, typed)
		f, is := fault.From(err)
		if tt.field == "" && err != nil || tt.field != "" && (!is || f.Field != tt.field) {
			t.Errorf("%s: %v, want a fault of %q", name, err, tt.field)
		}
	}
}

// Only the programme team writes messages, puts them up and takes them down, and each of that is recorded.
func TestWhoMayAndWhatIsRecorded(t *testing.T) {
	w := newWorld(t)
	other := w.person("other", account.Everywhere.Of(account.ManageUsers))
	local := w.person("local", account.OwnOrganisation.Of(account.ManageWaves))
	id := w.up(tonight())
	for _, by := range []actor.Actor{other, local} {
		_, err := w.office.Write(w.Context(), by, tonight())
		for _, err := range []error{err, w.office.TakeDown(w.Context(), by, id), w.office.PutUp(w.Context(), by, id)} {
			if !errors.Is(err, fault.Forbidden) {
				t.Errorf("%s: %v", by.Name, err)
			}
		}
	}
	w.Must(w.office.TakeDown(w.Context(), w.team, id))
	for kind, want := range map[string]int64{"banner.written": 1, "banner.put-up": 1, "banner.taken-down": 1} {
		if n := w.Count(`SELECT COUNT(*) FROM event WHERE kind = $1 AND actor_id = $2`, kind, w.team.ID); n != want {
			t.Errorf("%s is recorded %d times", kind, n)
		}
	}
}

// What cannot be twice is refused: up what is up, down what is down, and what is over.
func TestAMessageIsUpOrDown(t *testing.T) {
	w := newWorld(t)
	id, err := w.office.Write(w.Context(), w.team, tonight())
	w.Must(err)
	refused := func(what string, err error) {
		t.Helper()
		if !errors.Is(err, fault.Conflict) {
			t.Errorf("%s: %v", what, err)
		}
	}
	refused("down before it was up", w.office.TakeDown(w.Context(), w.team, id))
	w.Must(w.office.PutUp(w.Context(), w.team, id))
	refused("up twice", w.office.PutUp(w.Context(), w.team, id))
	w.Must(w.office.TakeDown(w.Context(), w.team, id))
	refused("down twice", w.office.TakeDown(w.Context(), w.team, id))
	w.Must(w.office.PutUp(w.Context(), w.team, id))
	w.Clock.Advance(8 * time.Hour)
	refused("down when it is over", w.office.TakeDown(w.Context(), w.team, id))
	refused("up when it is over", w.office.PutUp(w.Context(), w.team, id))
	late := tonight()
	late.Ends = w.Clock.Now().Add(time.Hour)
	id = w.up(late)
	w.Must(w.office.TakeDown(w.Context(), w.team, id))
	w.Clock.Advance(time.Hour)
	refused("up again when it is over", w.office.PutUp(w.Context(), w.team, id))
	if err := w.office.PutUp(w.Context(), w.team, "none"); !errors.Is(err, fault.NotFound) {
		t.Errorf("up what is not there: %v", err)
	}
}

// What was never put up is discarded, or another is kept instead of it; what was put up stays. Each is recorded.
func TestADraftIsRewrittenOrDiscarded(t *testing.T) {
	w := newWorld(t)
	id, err := w.office.Write(w.Context(), w.team, tonight())
	w.Must(err)
	wrong := tonight()
	wrong.Text = ""
	if _, err := w.office.Rewrite(w.Context(), w.team, id, wrong); !errors.Is(err, fault.Invalid) {
		t.Errorf("rewritten with nothing: %v", err)
	}
	other, err := w.office.Rewrite(w.Context(), w.team, id, tonight())
	w.Must(err)
	if err := w.office.PutUp(w.Context(), w.team, id); !errors.Is(err, fault.NotFound) {
		t.Errorf("put up what was looked at before it was rewritten: %v", err)
	}
	local := w.person("local", account.OwnOrganisation.Of(account.ManageWaves))
	if err := w.office.Discard(w.Context(), local, other); !errors.Is(err, fault.Forbidden) {
		t.Errorf("discarded by another: %v", err)
	}
	w.Must(w.office.Discard(w.Context(), w.team, other))
	if n := w.Count(`SELECT COUNT(*) FROM event WHERE kind = 'banner.discarded' AND actor_id = $1`, w.team.ID); n != 2 {
		t.Errorf("recorded %d times", n)
	}
	id = w.up(tonight())
	for _, state := range []string{"up", "down"} {
		if err := w.office.Discard(w.Context(), w.team, id); !errors.Is(err, fault.Conflict) {
			t.Errorf("discarded when it was %s: %v", state, err)
		}
		if _, err := w.office.Rewrite(w.Context(), w.team, id, tonight()); !errors.Is(err, fault.Conflict) {
			t.Errorf("rewritten when it was %s: %v", state, err)
		}
		if state == "up" {
			w.Must(w.office.TakeDown(w.Context(), w.team, id))
		}
	}
}

// Three stand at a time, the newest first, and there is an end to how many there are.
func TestThreeStandAtATime(t *testing.T) {
	w := newWorld(t)
	for _, text := range []string{"one", "two", "three", "four"} {
		typed := tonight()
		typed.Text = text
		w.up(typed)
		w.Clock.Advance(time.Minute)
	}
	if got, want := w.standing(""), []string{"four", "three", "two"}; !slices.Equal(got, want) {
		t.Errorf("%q stand, want %q", got, want)
	}
	for range 16 {
		w.up(tonight())
	}
	id, err := w.office.Write(w.Context(), w.team, tonight())
	w.Must(err)
	if err := w.office.PutUp(w.Context(), w.team, id); !errors.Is(err, fault.Conflict) {
		t.Errorf("one more: %v", err)
	}
}

// A message that is taken down on another node goes here some seconds later. Where the database does not answer, what
// was read before stands until its own end.
func TestAnotherNode(t *testing.T) {
	w := newWorld(t)
	id := w.up(tonight())
	here := banner.NewBoard(w.DB)
	stands := func(when string, want int) {
		t.Helper()
		list, _ := here.For(w.Context(), "")
		if len(list) != want {
			t.Errorf("%s: %d stand, want %d", when, len(list), want)
		}
	}
	stands("at first", 1)
	w.Must(w.office.TakeDown(w.Context(), w.team, id))
	stands("at once", 1)
	w.Clock.Advance(10 * time.Second)
	stands("10 seconds later", 0)
	w.Must(w.office.PutUp(w.Context(), w.team, id))
	w.Clock.Advance(10 * time.Second)
	stands("up again", 1)
	broken := errors.New("broken")
	w.DB.Disturb(func(context.Context, db.Moment, string) error { return broken })
	w.Clock.Advance(10 * time.Second)
	if list, err := here.For(w.Context(), ""); len(list) != 1 || !errors.Is(err, broken) {
		t.Errorf("no database: %d stand, %v", len(list), err)
	}
	w.Clock.Advance(8 * time.Hour)
	stands("no database, after its end", 0)
}
