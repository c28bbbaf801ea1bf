package campaign_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/dostest"
	"signpost/internal/dos/mailing"
	"signpost/internal/dos/mailing/reminder"
	"signpost/internal/dos/rollout"
	"signpost/internal/dos/rollout/campaign"
	"signpost/internal/dos/rollout/checklist"
	"signpost/internal/dos/standing"
	"signpost/internal/dos/wave"
	"signpost/internal/national/extract"
	"signpost/internal/national/path"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/job"
)

const home = "https://dos.example.nhs.uk"

var noon = time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)

type world struct {
	*dostest.World

	office mailing.Office
	boss   account.Account
	choose string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{World: dostest.Open(t, noon)}
	w.office = mailing.Office{DB: w.DB, Post: w.Post, Home: home, Author: campaign.Author()}
	w.Start(func(ws *job.Workers) { mailing.Work(ws, w.office) })
	w.boss = w.Account(account.New{Username: "boss", FirstName: "Boss", Email: "boss@example.nhs.uk",
		Grants: account.UserAdministrator.In(account.Everywhere)}, "")
	w.choose = w.Wave(wave.Wave{Name: "north", Phase: path.Choose,
		Dates: wave.Dates{Require: time.Date(2027, 3, 1, 0, 0, 0, 0, time.UTC)}})
	return w
}

func (w *world) user(username string) account.Account {
	w.Helper()
	return w.Account(account.New{Username: username, FirstName: username, Email: username + "@example.nhs.uk",
		EmailProved: true}, w.choose)
}

func (w *world) link(a account.Account) {
	w.Helper()
	w.Update(func(ctx context.Context, u *db.W) error {
		return account.AddLink(ctx, u,
			account.Link{AccountID: a.ID, Issuer: "https://cis2.example", Subject: "s" + a.Username, How: "test"})
	})
}

func (w *world) said(a account.Account, change func(*extract.Answer)) {
	w.Helper()
	answer := extract.Answer{Found: extract.One, State: extract.Active, Email: extract.EmailEqual, Position: extract.Yes,
		Authenticator: &extract.Authenticator{Level: 2, Approved: true},
		Authority:     &extract.Authority{Organisation: "Fenmarch RA", Code: "FXX01", Contact: "ra@fenmarch.example"}}
	change(&answer)
	w.Must(standing.Keep(w.Context(), w.DB, []standing.Standing{standing.Of(a.ID, answer)}))
}

func (w *world) write(list ...account.Account) (texts map[string]mailing.Personal) {
	w.Helper()
	w.View(func(ctx context.Context, r db.R) (err error) {
		texts, err = campaign.Author().Write(ctx, r, list)
		return err
	})
	return texts
}

func (w *world) send(s mailing.Selection) mailing.Mailing {
	w.Helper()
	by := actor.Actor{Kind: actor.Person, ID: w.boss.ID, Name: "Boss"}
	m, err := w.office.Prepare(w.Context(), by, s, mailing.Text{Kind: mailing.Steps})
	w.Must(err)
	w.Must(w.office.Send(w.Context(), by, m.ID))
	w.Settle()
	w.View(func(ctx context.Context, r db.R) (err error) {
		m, err = mailing.ByID(ctx, r, m.ID)
		return err
	})
	return m
}

// Each person reads the step that their checklist has first, with who does it, by when and how long it takes.
func TestEachTextIsTheChecklistOfOne(t *testing.T) {
	w := newWorld(t)
	ann, bo, cy, di := w.user("ann"), w.user("bo"), w.user("cy"), w.user("di")
	w.said(ann, func(a *extract.Answer) { a.Position = extract.No })
	w.said(bo, func(*extract.Answer) {})
	w.said(cy, func(*extract.Answer) {})
	w.link(cy)
	w.said(di, func(a *extract.Answer) { a.Position = extract.No })
	desk := checklist.Desk{DB: w.DB, Post: w.Post}
	w.Must(desk.Note(t.Context(), actor.Actor{Kind: actor.Person, ID: di.ID}, di.ID,
		[]path.What{path.GetPosition}, "Fenmarch RA"))
	room := w.user("reception")
	texts := w.write(ann, bo, cy, di, room)
	for _, tt := range []struct {
		who  account.Account
		sort mailing.Sort
		says []string
	}{
		{ann, "get_position", []string{"Step 4 of 6: " + path.GetPosition.Title(), "R8008", "Fenmarch RA",
			"How to reach them: ra@fenmarch.example",
			"Who does it: Your registration authority: Fenmarch RA", "By when: Before 1 March 2027", "How long it takes: "}},
		{bo, "link", []string{path.Link.Title(), "Who does it: You"}},
		{cy, "done", []string{"You are done", "nothing left to do"}},
		{di, "waiting", []string{"nothing for you to do now", "Fenmarch RA: " + path.AccessPosition.Title()}},
		{room, "mailbox", []string{"Each of you has a checklist"}},
	} {
		text := texts[tt.who.ID]
		if text.Sort != tt.sort {
			t.Errorf("%s has %q", tt.who.Username, text.Sort)
		}
		for _, want := range tt.says {
			if !strings.Contains(text.Words, want) {
				t.Errorf("%s: no %q in %s", tt.who.Username, want, text.Words)
			}
		}
	}
}

// Whoever's password opens nothing any more is not told that passwords go soon, nor led to what they cannot reach.
func TestWhosePasswordOpensNothing(t *testing.T) {
	w := newWorld(t)
	shut := w.Wave(wave.Wave{Name: "south", Phase: path.Require})
	lucy := w.Account(account.New{Username: "lucy", FirstName: "Lucy", Email: "lucy@example.nhs.uk",
		EmailProved: true}, shut)
	w.said(lucy, func(a *extract.Answer) { a.Position = extract.No })
	text := w.write(lucy)[lucy.ID]
	if !strings.HasPrefix(text.Words, "Your password no longer opens") || strings.Contains(text.Words, "going away") ||
		text.Lead != "Try to log in. The page then says what to do next:" {
		t.Errorf("%+v", text)
	}
	desk := checklist.Desk{DB: w.DB, Post: w.Post}
	w.Must(desk.Note(t.Context(), actor.Actor{Kind: actor.Person, ID: lucy.ID}, lucy.ID,
		[]path.What{path.GetPosition}, "Fenmarch RA"))
	if waits := w.write(lucy)[lucy.ID]; waits.Sort != "waiting" || waits.Lead != text.Lead {
		t.Errorf("while others are at work: %+v", waits)
	}
}

// The texts are known by their sorts, whatever the facts are.
func TestEverySortHasATitle(t *testing.T) {
	author := campaign.Author()
	for _, what := range path.Whole() {
		if step := (path.Step{What: what}); !step.Waits() && author.TitleOf(mailing.Sort(what)) == "" {
			t.Errorf("%s has no title", what)
		}
	}
}

// Whoever is done is told so once, and the others are told again a day later. What the next phase means counts as told.
func TestDoneIsSaidOnce(t *testing.T) {
	w := newWorld(t)
	ann, cy := w.user("ann"), w.user("cy")
	for _, a := range []account.Account{ann, cy} {
		w.said(a, func(*extract.Answer) {})
	}
	w.link(cy)
	two := mailing.Selection{Only: []string{ann.ID, cy.ID}}
	if m := w.send(two); m.Sent != 2 {
		t.Errorf("first: %+v", m)
	}
	for who, reminded := range map[string]bool{"ann@example.nhs.uk": true, "cy@example.nhs.uk": false} {
		for _, m := range w.Mails.To(who) {
			if m.Kind == "mailing.steps" && strings.Contains(m.Text, "To get no more reminders") != reminded {
				t.Errorf("%s reads of reminders that can be stopped, or does not: %s", who, m.Text)
			}
		}
	}
	w.Clock.Advance(mailing.Often + time.Minute)
	if m := w.send(two); m.Sent != 1 || m.LeftOut[mailing.ToldDone] != 1 {
		t.Errorf("a day later: %+v", m)
	}
	if n := w.Mailed("mailing.steps", cy.Email); n != 1 {
		t.Errorf("who is done had %d", n)
	}
	for _, m := range w.Mails.To(ann.Email) {
		if !strings.Contains(m.Text, "From 1 March 2027, you log in with your Care Identity") ||
			!strings.Contains(m.Text, home+"/checklist") {
			t.Errorf("mail: %s", m.Text)
		}
	}
	told := w.Count(`SELECT COUNT(*) FROM guidance WHERE account_id = '` + ann.ID + `' AND how = 'mail'`)
	if others := w.Count(`SELECT COUNT(*) FROM guidance`); told != 1 || others != 1 {
		t.Errorf("guidance of %d, of all %d", told, others)
	}
}

// What is known of many at once is what is known of each alone.
func TestEachIsAsOneIsRead(t *testing.T) {
	w := newWorld(t)
	limited := w.Wave(wave.Wave{Name: "south", Phase: path.Require, Allowance: 5})
	list := []account.Account{w.user("ann"), w.user("bo"), w.Account(account.New{Username: "di", Email: "di@example.nhs.uk",
		PasswordHash: w.Hash}, limited), w.Account(account.New{Username: "team", Email: "team@example.nhs.uk",
		Kind: account.Shared}, w.choose)}
	w.link(list[1])
	w.Must(rollout.Answer(t.Context(), w.DB, list[0].ID, map[rollout.Question]string{rollout.AskIdentity: "none"}))
	w.View(func(ctx context.Context, r db.R) error {
		each, err := rollout.Each(ctx, r, list)
		for _, a := range list {
			one, problem := rollout.Read(ctx, r, a.ID)
			w.Must(problem)
			if each[a.ID].Facts != one.Alone() {
				t.Errorf("%s: %+v, alone %+v", a.Username, each[a.ID].Facts, one.Alone())
			}
		}
		return err
	})
}

// Whose wave has moved since a letter was made, is not told by it: it says what another phase means.
func TestALetterOfThePhaseBeforeTellsNobody(t *testing.T) {
	w := newWorld(t)
	zoe := w.user("zoe")
	w.Update(func(ctx context.Context, u *db.W) error { // as imports may leave it
		_, err := u.Exec(ctx, `UPDATE account SET email = '', email_key = '' WHERE id = $1`, zoe.ID)
		return errors.Join(err, wave.SetPhase(ctx, u, w.choose, path.Prepare, "early"))
	})
	by := actor.Actor{Kind: actor.Person, ID: w.boss.ID, Name: "Boss"}
	m, err := w.office.Prepare(t.Context(), by, mailing.Selection{}, mailing.Text{Kind: mailing.Steps})
	w.Must(err)
	file, err := w.office.MakeLetters(t.Context(), by, m.ID)
	w.Must(err)
	w.Update(func(ctx context.Context, u *db.W) error {
		return wave.SetPhase(ctx, u, w.choose, path.Choose, "begins")
	})
	w.Must(w.office.Posted(t.Context(), by, m.ID, file))
	if n := w.Count(`SELECT COUNT(*) FROM guidance WHERE how = 'letter'`); n != 0 {
		t.Errorf("%d were told by a letter of the phase before", n)
	}
}

// Whoever has no email address gets a letter with the same words, once, and is told by it when it was posted.
func TestLettersToThoseWithoutAnAddress(t *testing.T) {
	w := newWorld(t)
	w.Update(func(ctx context.Context, u *db.W) error {
		_, err := u.Exec(ctx, `INSERT INTO ods_organisation (code, name, status, setting, address, postcode, phone, roles)
			VALUES ('FXX01', 'Fenmarch Surgery', 'A', '', '1 MILL LANE, FENMARCH, LINCS', 'FM1 1AA', '', '')`)
		return err
	})
	zoe := w.Account(account.New{Username: "zoe", FirstName: "Zoë", LastName: "Łukasz",
		Email: "zoe@example.nhs.uk", Organisation: "FXX01"}, w.choose)
	w.Update(func(ctx context.Context, u *db.W) error { // as imports may leave it
		_, err := u.Exec(ctx, `UPDATE account SET email = '', email_key = '' WHERE username = 'zoe'`)
		return err
	})
	w.Account(account.New{Username: "robot", Email: "robot@example.nhs.uk", Kind: account.Machine}, w.choose)
	w.user("ann")
	w.office.Post.Foot = "Service desk: 0300 123 4567"
	by := actor.Actor{Kind: actor.Person, ID: w.boss.ID, Name: "Boss"}
	m, err := w.office.Prepare(t.Context(), by, mailing.Selection{}, mailing.Text{Kind: mailing.Steps})
	w.Must(err)
	other := actor.Actor{Kind: actor.Person, ID: zoe.ID}
	if _, err := w.office.MakeLetters(t.Context(), other, m.ID); !errors.Is(err, fault.Forbidden) {
		t.Errorf("made by another: %v", err)
	}
	file, err := w.office.MakeLetters(t.Context(), by, m.ID)
	w.Must(err)
	if _, err := w.office.MakeLetters(t.Context(), by, m.ID); !errors.Is(err, fault.Conflict) {
		t.Errorf("a second letter: %v", err)
	}
	letters, err := w.office.Letters(t.Context(), by, m.ID, file)
	w.Must(err)
	if len(letters) != 1 || w.Count(`SELECT COUNT(*) FROM guidance`) != 0 {
		t.Fatalf("%d letters, or told before they were posted", len(letters))
	}
	one := letters[0]
	want := []string{"Zoë Łukasz", "Fenmarch Surgery", "1 MILL LANE", "FENMARCH, LINCS", "FM1 1AA"}
	if !slices.Equal(one.To, want) {
		t.Errorf("to %q", one.To)
	}
	text := strings.Join(one.Paragraphs, "\n")
	for _, want := range []string{"Dear Zoë Łukasz,", path.AskIdentity.Title(), "From 1 March 2027", "Your account is zoe.",
		"Service desk: 0300 123 4567"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in %s", want, text)
		}
	}
	if one.Code != home+"/checklist" || !strings.Contains(one.CodeText, one.Code) {
		t.Errorf("code %q, %q", one.Code, one.CodeText)
	}
	if _, err := w.office.Letters(t.Context(), other, m.ID, file); !errors.Is(err, fault.Forbidden) {
		t.Errorf("read by another: %v", err)
	}
	if err := w.office.Posted(t.Context(), other, m.ID, file); !errors.Is(err, fault.Forbidden) {
		t.Errorf("posted by another: %v", err)
	}
	w.Must(w.office.Posted(t.Context(), by, m.ID, file))
	if err := w.office.Posted(t.Context(), by, m.ID, file); !errors.Is(err, fault.Conflict) {
		t.Errorf("posted twice: %v", err)
	}
	told := w.Count(`SELECT COUNT(*) FROM guidance WHERE account_id = '` + zoe.ID + `' AND how = 'letter'`)
	if all := w.Count(`SELECT COUNT(*) FROM guidance`); told != 1 || all != 1 {
		t.Errorf("told %d of %d", told, all)
	}
	w.Clock.Advance(48 * time.Hour)
	w.Update(func(ctx context.Context, u *db.W) error { return u.Enqueue(ctx, mailing.SweepJob{}) })
	w.Settle()
	if _, err := w.office.Letters(t.Context(), by, m.ID, file); err != nil {
		t.Errorf("two days later: %v", err)
	}
}

// Whoever wants no reminders gets what the next phase means once, which they must know, and no more. Each reminder has
// its reader's own link, in its text and for mail programs, and the page of its writer does not.
func TestNoRemindersToWhoWantsNone(t *testing.T) {
	w := newWorld(t)
	ann := w.user("ann")
	desk := reminder.Desk{DB: w.DB, Post: w.Post, Home: home}
	link := desk.Link(ann.ID)
	only := mailing.Selection{Only: []string{ann.ID}}
	by := actor.Actor{Kind: actor.Person, ID: w.boss.ID, Name: "Boss"}
	m, err := w.office.Prepare(t.Context(), by, only, mailing.Text{Kind: mailing.Steps})
	w.Must(err)
	tally, err := w.office.Tally(t.Context(), m, mailing.Look{})
	w.Must(err)
	text := tally.Example.Message.Text
	if strings.Contains(text, link) || !strings.Contains(text, "a link of their own") {
		t.Errorf("the writer sees %s", text)
	}
	w.Must(desk.Stop(t.Context(), actor.Actor{Kind: actor.Stranger}, ann.ID, strings.TrimPrefix(link,
		home+reminder.Path+ann.ID+"/")))
	if m := w.send(only); m.Sent != 1 {
		t.Errorf("what must be known: %+v", m)
	}
	first := w.Mails.To(ann.Email)[0]
	for _, want := range []string{"You asked us for no reminders", "From 1 March 2027"} {
		if !strings.Contains(first.Text, want) {
			t.Errorf("no %q in %s", want, first.Text)
		}
	}
	w.Clock.Advance(mailing.Often + time.Minute)
	if m := w.send(only); m.Sent != 0 || m.LeftOut[mailing.Unsubscribed] != 1 {
		t.Errorf("a reminder: %+v", m)
	}
	w.Must(desk.Again(t.Context(), actor.Actor{Kind: actor.Stranger}, ann.ID, strings.TrimPrefix(link,
		home+reminder.Path+ann.ID+"/")))
	if m := w.send(only); m.Sent != 1 {
		t.Errorf("again: %+v", m)
	}
	w.Settle()
	last := w.Mails.To(ann.Email)[0] // the newest
	if !strings.Contains(last.Text, link) || last.Unsubscribe != link+reminder.OneClick {
		t.Errorf("its link: %q in %s", last.Unsubscribe, last.Text)
	}
}
