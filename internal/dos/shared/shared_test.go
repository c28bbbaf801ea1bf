package shared_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/administration"
	"signpost/internal/dos/dostest"
	"signpost/internal/dos/shared"
	"signpost/internal/dos/signin"
	"signpost/internal/national/path"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/job"
	"signpost/internal/platform/session"
	"signpost/internal/platform/worldtest"
)

// world has the reception's shared account, its administrator, one of another organisation, and its case.
type world struct {
	*dostest.World

	cases                *shared.Cases
	desk                 *signin.PasswordSignIn
	team, admin, outside account.Account
}

func open(t *testing.T) *world {
	t.Helper()
	w := &world{World: dostest.Open(t, time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC))}
	w.Start(func(ws *job.Workers) {})
	w.AddWaves()
	w.cases = &shared.Cases{DB: w.DB, Post: w.Post, Home: "https://dos.example"}
	w.desk = &signin.PasswordSignIn{DB: w.DB, Hasher: w.Passwords, Box: w.Box}
	w.team = w.Account(account.New{
		Username: "riverside.reception", FirstName: "Riverside", LastName: "Reception",
		Email: "reception@riverside.example", Kind: account.Shared, Organisation: "A81001", PasswordHash: w.Hash,
		Grants: account.ProviderUser.In(account.OwnOrganisation),
	}, w.Waves[path.Choose])
	w.admin = w.administrator("alice", "A81001")
	w.outside = w.administrator("oscar", "A81002")
	w.Must(w.cases.Begin(t.Context(), by(w.admin), w.team.ID, w.in(60)))
	return w
}

func (w *world) administrator(username, organisation string) account.Account {
	w.Helper()
	return w.Account(account.New{
		Username: username, FirstName: username, LastName: "Example", Email: username + "@example.nhs.uk",
		Organisation: organisation, Grants: account.UserAdministrator.In(account.OwnOrganisation),
	}, w.Waves[path.Choose])
}

func (w *world) in(days int) time.Time {
	return w.Clock.Now().Add(time.Duration(days) * 24 * time.Hour)
}

func by(a account.Account) actor.Actor {
	return actor.Actor{Kind: actor.Person, ID: a.ID, Name: a.Name()}
}

// logsIn logs in with the shared password, and gives the session's id.
func (w *world) logsIn() (sessionID string, err error) {
	w.Helper()
	begun, err := w.desk.WithPassword(w.Context(), actor.Actor{Kind: actor.Stranger},
		signin.Typed{Username: "riverside.reception", Password: dostest.Password}, "")
	if err != nil {
		return "", err
	}
	id, _ := session.Split(begun.Cookie)
	use := by(w.team)
	use.Network = "192.0.2.0/24"
	_, err = w.cases.NoteUse(w.Context(), use, w.team.ID, id,
		"Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/150.0 Safari/537.36 Edg/150.0")
	return id, err
}

// says logs in and says who somebody is.
func (w *world) says(first string) {
	w.Helper()
	w.Clock.Advance(time.Minute)
	id := worldtest.Must(w.logsIn())(w)
	w.Must(w.cases.Claim(w.Context(), by(w.team), w.team.ID, sitting(id), typed(first)))
}

func typed(first string) shared.Typed {
	return shared.Typed{FirstName: first, LastName: "Example", Email: strings.ToLower(first) + "@riverside.example",
		Organisation: "a81001"}
}

func (w *world) claims() []shared.Claim {
	w.Helper()
	return worldtest.Must(db.Read(w.Context(), w.DB, func(r db.R) ([]shared.Claim, error) {
		list, _, err := shared.Claims(w.Context(), r, w.team.ID, 0, 1000)
		return list, err
	}))(w)
}

// mailsTo gives the texts of all mails to an address.
func (w *world) mailsTo(address string) (text string) {
	w.Helper()
	for _, one := range w.Mails.To(address) {
		text += one.Text
	}
	return text
}

// proves has all whose claims there are come by their own links.
func (w *world) proves() {
	w.Helper()
	w.Update(func(ctx context.Context, u *db.W) error {
		_, err := u.Exec(ctx, `UPDATE shared_claim SET proved_at = $1`, u.Now())
		return err
	})
}

func (w *world) unclaimed() int {
	w.Helper()
	return worldtest.Must(db.Read(w.Context(), w.DB, func(r db.R) (int, error) {
		_, total, err := shared.Unclaimed(w.Context(), r, w.team.ID, w.in(-365))
		return total, err
	}))(w)
}

func (w *world) state() shared.State {
	w.Helper()
	return worldtest.Must(db.Read(w.Context(), w.DB, func(r db.R) (shared.State, error) {
		c, err := shared.Of(w.Context(), r, w.team.ID)
		return c.State, err
	}))(w)
}

// A team of five says who they are, on one computer; whoever says it again is the same person.
func TestATeamBecomesPeople(t *testing.T) {
	w := open(t)
	team := []string{"Ann", "Ben", "Cat", "Dan", "Eve"}
	for _, name := range team {
		w.says(name)
	}
	w.says("Ann")
	if n := len(w.claims()); n != 5 || w.unclaimed() != 6 {
		t.Fatalf("%d claims, %d unclaimed logins", n, w.unclaimed())
	}
	for _, claim := range w.claims() {
		w.Must(w.cases.Confirm(t.Context(), by(w.admin), w.team.ID, w.pick(claim.ID)))
	}
	for _, name := range team {
		to := strings.ToLower(name) + "@riverside.example"
		if w.Mailed("shared.confirmed", to) != 1 {
			t.Errorf("%s got no mail", to)
		}
		text := w.mailsTo(to)
		for _, other := range team {
			if other != name && strings.Contains(text, other+" Example") {
				t.Errorf("the mail to %s names %s", name, other)
			}
		}
	}
	_, link, _ := strings.Cut(w.mailsTo("ann@riverside.example"), shared.OwnPath)
	id, secret, _ := strings.Cut(strings.Fields(link)[0], "/")
	own := worldtest.Must(db.Read(t.Context(), w.DB, func(r db.R) (shared.Claim, error) {
		return shared.Own(t.Context(), r, id, secret)
	}))(t)
	if own.FirstName != "Ann" || own.Organisation != "A81001" {
		t.Errorf("Ann's link is for %+v", own)
	}
	w.Must(w.cases.Prove(t.Context(), actor.Actor{Kind: actor.Stranger}, id, secret))
	if n := w.unclaimed(); n != 4 {
		t.Errorf("%d logins unclaimed after Ann came by her link", n)
	}
	var y worldtest.Tally
	for name, wrong := range map[string][2]string{
		"another secret": {id, secret + "x"}, "another claim": {w.claims()[1].ID, secret},
		"no secret": {w.claims()[1].ID, ""},
	} {
		_, err := db.Read(t.Context(), w.DB, func(r db.R) (shared.Claim, error) {
			return shared.Own(t.Context(), r, wrong[0], wrong[1])
		})
		y.Refused(t, name, err == nil)
		proved := w.cases.Prove(t.Context(), actor.Actor{Kind: actor.Stranger}, wrong[0], wrong[1])
		y.Refused(t, "proved by "+name, proved == nil)
	}
}

func TestWhatIsNoClaim(t *testing.T) {
	w := open(t)
	id := worldtest.Must(w.logsIn())(t)
	var y worldtest.Tally
	for name, change := range map[string]func(*shared.Typed){
		"the team's own address": func(c *shared.Typed) { c.Email = "Reception@Riverside.example" },
		"a team's address":       func(c *shared.Typed) { c.Email = "info@riverside.example" },
		"no address":             func(c *shared.Typed) { c.Email = "" },
		"no name":                func(c *shared.Typed) { c.LastName = "" },
		"no organisation":        func(c *shared.Typed) { c.Organisation = "?" },
	} {
		c := typed("Ann")
		change(&c)
		err := w.cases.Claim(t.Context(), by(w.team), w.team.ID, sitting(id), c)
		y.Refused(t, name, err == nil)
		if !errors.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if w.unclaimed() != 1 {
		t.Error("the login is claimed")
	}
}

// Who decides about claims: an administrator of the account, not about themselves.
func TestWhoDecidesAboutClaims(t *testing.T) {
	w := open(t)
	w.says("Ann")
	w.says("Ben")
	w.Clock.Advance(time.Minute)
	own := typed("Ann")
	own.Email = w.admin.Email
	w.Must(w.cases.Claim(t.Context(), by(w.team), w.team.ID, sitting(worldtest.Must(w.logsIn())(t)), own))
	list := w.claims()
	fresh := w.Account(account.New{Username: "fresh", Email: "f@nhs.net", Organisation: "A81001"}, w.Waves[path.Choose])
	moved := w.administrator("moved", "A81001")
	w.Update(func(ctx context.Context, u *db.W) error {
		_, err := u.Exec(ctx, `INSERT INTO account_email_past (account_id, email, email_key, since, until)
			VALUES ($1, $2, $2, $3, $3)`, moved.ID, list[2].EmailKey, u.Now())
		return errors.Join(err, account.AddGroup(ctx, u, fresh.ID, account.UserAdministrator, account.OwnOrganisation))
	})
	var y worldtest.Tally
	for name, act := range map[string]func(actor.Actor, string) error{
		"confirms": func(who actor.Actor, id string) error {
			return w.cases.Confirm(t.Context(), who, w.team.ID, w.pick(id))
		},
		"rejects": func(who actor.Actor, id string) error {
			return w.cases.Reject(t.Context(), who, w.team.ID, w.pick(id), "unknown")
		},
		"merges": func(who actor.Actor, id string) error {
			return w.cases.Merge(t.Context(), who, w.team.ID, w.pick(id), w.pick(list[1].ID))
		},
	} {
		y.Refused(t, name+" with a permission of a moment ago", act(by(fresh), list[0].ID) == nil)
		y.Refused(t, name+" one of an address that was theirs", act(by(moved), list[2].ID) == nil)
		y.Refused(t, "the team "+name, act(by(w.team), list[0].ID) == nil)
		y.Refused(t, "another organisation's "+name, act(by(w.outside), list[0].ID) == nil)
		y.Refused(t, name+" their own", act(by(w.admin), list[2].ID) == nil)
		y.Refused(t, name+" one that is not there", act(by(w.admin), "none") == nil)
	}
	y.Refused(t, "rejects without a reason",
		w.cases.Reject(t.Context(), by(w.admin), w.team.ID, w.pick(list[0].ID), " ") == nil)
	y.Refused(t, "merges into itself",
		w.cases.Merge(t.Context(), by(w.admin), w.team.ID, w.pick(list[0].ID), w.pick(list[0].ID)) == nil)
	w.Must(w.cases.Merge(t.Context(), by(w.admin), w.team.ID, w.pick(list[0].ID), w.pick(list[1].ID)))
	w.Must(w.cases.Confirm(t.Context(), by(w.admin), w.team.ID, w.pick(list[1].ID)))
	w.proves()
	if w.unclaimed() != 0 {
		t.Error("merged use is unclaimed")
	}
	w.Must(w.cases.Reject(t.Context(), by(w.admin), w.team.ID, w.pick(list[1].ID), "has left"))
	if w.unclaimed() != 2 {
		t.Errorf("%d unclaimed logins, want those of whoever was rejected", w.unclaimed())
	}
}

// Frozen, the account can be used to look only; unfrozen it is as before.
func TestFreezing(t *testing.T) {
	w := open(t)
	may := func() bool {
		return w.DB.Update(t.Context(), by(w.team), func(u *db.W) error {
			return account.Require(t.Context(), u, account.EditCapacity)
		}) != nil
	}
	before := may()
	var y worldtest.Tally
	y.Refused(t, "frozen from outside", w.cases.Freeze(t.Context(), by(w.outside), w.team.ID) == nil)
	y.Refused(t, "frozen by the team", w.cases.Freeze(t.Context(), by(w.team), w.team.ID) == nil)
	w.Must(w.cases.Freeze(t.Context(), by(w.admin), w.team.ID))
	id := worldtest.Must(w.logsIn())(t)
	current := worldtest.Must(db.Read(t.Context(), w.DB, func(r db.R) (signin.Current, error) {
		return signin.Find(t.Context(), r, session.Session[signin.State]{ID: id, Subject: w.team.ID,
			State: signin.State{How: signin.ByPassword}, Begun: w.Clock.Now()})
	}))(t)
	if len(current.Grants) != 0 {
		t.Errorf("frozen it holds %v", current.Grants)
	}
	err := w.DB.Update(t.Context(), by(w.team), func(u *db.W) error {
		return account.Require(t.Context(), u, account.EditCapacity)
	})
	if !errors.Is(err, fault.Forbidden) || !strings.Contains(fault.InOneLine(err), "only be used to look") {
		t.Errorf("frozen it may write: %v", err)
	}
	w.Must(w.cases.Unfreeze(t.Context(), by(w.admin), w.team.ID))
	if may() != before || w.state() != shared.Open {
		t.Error("it is not as before")
	}
}

// An account retires early after 14 days without unclaimed use, which can be undone, and on its date regardless.
func TestRetiring(t *testing.T) {
	w := open(t)
	w.says("Ann")
	w.proves()
	worldtest.Must(w.logsIn())(t)
	w.Must(w.cases.Freeze(t.Context(), by(w.admin), w.team.ID))
	w.Clock.Advance(shared.Quiet - time.Minute)
	var y worldtest.Tally
	y.Refused(t, "retired before 14 quiet days", w.cases.Retire(t.Context(), by(w.admin), w.team.ID) == nil)
	w.Clock.Advance(time.Minute)
	w.says("Ann") // claimed use does not count
	y.Refused(t, "retired from outside", w.cases.Retire(t.Context(), by(w.outside), w.team.ID) == nil)
	w.Must(w.cases.Retire(t.Context(), by(w.admin), w.team.ID))
	if w.Count(`SELECT COUNT(*) FROM session WHERE subject = $1`, w.team.ID) != 0 {
		t.Error("somebody is still logged in")
	}
	w.mustBeOff(t)
	office := administration.Office{DB: w.DB, Post: w.Post}
	y.Refused(t, "activated again beside its case",
		office.Reactivate(t.Context(), by(w.admin), w.team.ID, "a mistake") == nil)
	w.Must(w.cases.Restore(t.Context(), by(w.admin), w.team.ID))
	worldtest.Must(w.logsIn())(t)
	if w.state() != shared.Frozen {
		t.Errorf("restored it is %s", w.state())
	}

	w.Clock.Advance(46 * 24 * time.Hour)
	w.mustBeOff(t) // also before anything has noted it
	w.Must(w.cases.Due(t.Context()))
	if w.state() != shared.Retired || w.Mailed("shared.retired", w.admin.Email) != 1 {
		t.Errorf("on its date it is %s", w.state())
	}
	y.Refused(t, "restored after its date", w.cases.Restore(t.Context(), by(w.admin), w.team.ID) == nil)
	w.mustBeOff(t)
	y.Report(t, "L33 shared accounts past their date")
}

func (w *world) mustBeOff(t *testing.T) {
	t.Helper()
	_, err := w.logsIn()
	if outcome, ended := signin.PasswordsEnded(err); !ended || outcome != "shared-accounts-ended" {
		t.Errorf("the password: %v", err)
	}
}

// From 28 days before the date administrators are told of unclaimed use once a day, and of nothing else.
func TestUnclaimedUseIsToldDaily(t *testing.T) {
	w := open(t)
	told := func() int { return w.Mailed("shared.unclaimed", w.admin.Email) }
	worldtest.Must(w.logsIn())(t)
	w.Must(w.cases.Due(t.Context()))
	if told() != 0 {
		t.Error("told 60 days before")
	}
	w.Clock.Advance(32 * 24 * time.Hour)
	w.says("Ann")
	w.proves()
	w.Must(w.cases.Due(t.Context()))
	if told() != 0 {
		t.Error("told of claimed use")
	}
	for day := range 3 {
		w.Clock.Advance(24 * time.Hour)
		worldtest.Must(w.logsIn())(t)
		w.Must(w.cases.Due(t.Context()))
		w.Must(w.cases.Due(t.Context()))
		if told() != day+1 {
			t.Fatalf("day %d: told %d times", day, told())
		}
	}
	text := w.Mails.To(w.admin.Email)[0].Text
	outside := w.Mailed("shared.unclaimed", w.outside.Email)
	if !strings.Contains(text, "192.0.2.0/24, Microsoft Edge, Windows") || outside != 0 {
		t.Errorf("the mail: %s", text)
	}
}

func TestWhoOpensACase(t *testing.T) {
	w := open(t)
	second := w.Account(account.New{Username: "night.team", Email: "night@riverside.example", Kind: account.Shared,
		Organisation: "A81001"}, w.Waves[path.Choose])
	begin := func(who account.Account, id string, days int) error {
		return w.cases.Begin(t.Context(), by(who), id, w.in(days))
	}
	var y worldtest.Tally
	y.Refused(t, "from outside", begin(w.outside, second.ID, 60) == nil)
	y.Refused(t, "by the team", begin(second, second.ID, 60) == nil)
	y.Refused(t, "twice", begin(w.admin, w.team.ID, 60) == nil)
	y.Refused(t, "in the past", begin(w.admin, second.ID, 0) == nil)
	y.Refused(t, "years ahead", begin(w.admin, second.ID, 800) == nil)
	y.Refused(t, "of a person's account", begin(w.admin, w.admin.ID, 60) == nil)
	w.Must(begin(w.admin, second.ID, 60))
	w.Must(w.DB.Update(context.Background(), worldtest.By, func(u *db.W) error {
		third, err := account.Add(t.Context(), u, account.New{Username: "third", Email: "third@riverside.example",
			Kind: account.Shared})
		if err != nil {
			return err
		}
		return shared.BeginPart(t.Context(), u, third.ID, u.Now().Add(shared.Usual))
	}))
}
