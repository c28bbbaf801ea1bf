package shared_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/shared"
	"signpost/internal/dos/signin"
	"signpost/internal/national/path"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/worldtest"
)

// Somebody who knows the password fills no case: so many claims are taken of a session, and so many wait for a
// decision.
func TestClaimsAreBounded(t *testing.T) {
	w := open(t)
	claim := func(session string, n int) error {
		name := fmt.Sprintf("Ann%c%c", 'a'+n/26, 'a'+n%26)
		return w.cases.Claim(t.Context(), by(w.team), w.team.ID, sitting(session), typed(name))
	}
	made := 0
	var y worldtest.Tally
	for made < 200 {
		session := worldtest.Must(w.logsIn())(t)
		for range 5 {
			w.Must(claim(session, made))
			made++
		}
		err := claim(session, made)
		y.Refused(t, "a sixth of a session", err == nil)
		if !errors.Is(err, fault.TooMany) {
			t.Errorf("a sixth of a session: %v", err)
		}
	}
	session := worldtest.Must(w.logsIn())(t)
	y.Refused(t, "one more that waits", claim(session, made) == nil)
	w.Must(claim(session, 0)) // of somebody who said so before
	y.Report(t, "claims")
	if n := len(w.Events("shared.claimed")); n != 201 {
		t.Errorf("%d events", n)
	}
}

// Names that are mailed have nothing of which a mail program makes a link.
func TestNamesOfClaimsAreNames(t *testing.T) {
	w := open(t)
	session := worldtest.Must(w.logsIn())(t)
	locked := typed("Ann")
	locked.FirstName = "Your account is locked: https://nhs-login.example/unlock"
	err := w.cases.Claim(t.Context(), by(w.team), w.team.ID, sitting(session), locked)
	if said, is := fault.From(err); !is || said.Field != "first_name" {
		t.Errorf("taken: %v", err)
	}
	w.Must(w.cases.Claim(t.Context(), by(w.team), w.team.ID, sitting(session), typed("Ann")))
}

// Whatever was merged into a claim goes with it: if that is rejected, the use of all three is nobody's again.
func TestMergedClaimsGoAlong(t *testing.T) {
	w := open(t)
	for _, name := range []string{"Ann", "Bea", "Cat"} {
		w.says(name)
	}
	w.proves()
	list := w.claims()
	w.Must(w.cases.Merge(t.Context(), by(w.admin), w.team.ID, w.pick(list[0].ID), w.pick(list[1].ID)))
	w.Must(w.cases.Merge(t.Context(), by(w.admin), w.team.ID, w.pick(list[1].ID), w.pick(list[2].ID)))
	w.Must(w.cases.Reject(t.Context(), by(w.admin), w.team.ID, w.pick(list[2].ID), "They left"))
	if n := w.unclaimed(); n != 3 {
		t.Errorf("%d of 3 logins are unclaimed", n)
	}
}

// The progress of very many is read all the same.
func TestTheProgressOfVeryMany(t *testing.T) {
	w := open(t)
	list := make([]shared.Claim, 40_000)
	for i := range list {
		list[i] = shared.Claim{ID: fmt.Sprint(i), EmailKey: fmt.Sprint(i), State: shared.Claimed}
	}
	progress, err := db.Read(t.Context(), w.DB, func(r db.R) (map[string]shared.Progress, error) {
		return shared.ProgressOf(t.Context(), r, list)
	})
	w.Must(err)
	if len(progress) != len(list) {
		t.Errorf("of %d", len(progress))
	}
}

// sitting is a session in a browser that nothing tells from others.
func sitting(session string) shared.Sitting { return shared.Sitting{Session: session} }

// from is the team's actor on a network.
func (w *world) from(network string) actor.Actor {
	team := by(w.team)
	team.Network = network
	return team
}

// Somebody who knows the password takes a part of the room from their network, and the team goes on from its own; who
// said so before has room there too. Whoever has none reads what they can do and whom to ask, and an administrator
// makes room at one stroke.
func TestANetworkTakesNotAllTheRoom(t *testing.T) {
	w := open(t)
	n := 0
	claim := func(network string) error {
		name := fmt.Sprintf("Ann%c%c", 'a'+n/26, 'a'+n%26)
		n++
		session := worldtest.Must(w.logsIn())(t)
		return w.cases.Claim(t.Context(), w.from(network), w.team.ID, sitting(session), typed(name))
	}
	for range 50 {
		w.Must(claim("203.0.113.7/32"))
	}
	err := claim("203.0.113.7/32")
	said, is := fault.From(err)
	if !is || said.Code != fault.TooMany || !strings.Contains(said.Message, "on your network") ||
		!strings.Contains(said.Cure, "Tell us another time") || !strings.Contains(said.Cure, w.admin.Email) {
		t.Errorf("one more from there: %v", err)
	}
	w.Must(claim("192.0.2.1/32"))
	session := worldtest.Must(w.logsIn())(t)
	w.Must(w.cases.Claim(t.Context(), w.from("203.0.113.7/32"), w.team.ID, sitting(session), typed("Annaa")))
	crowd := func() shared.Waiting { return w.crowd("203.0.113.7/32") }
	if _, err := w.cases.RejectAll(t.Context(), by(w.outside), w.team.ID, crowd(), "nobody"); err == nil {
		t.Error("an administrator of another organisation makes room")
	}
	if _, err := w.cases.RejectAll(t.Context(), by(w.admin), w.team.ID, crowd(), " "); err == nil {
		t.Error("all are rejected without a reason")
	}
	fresh := w.Account(account.New{Username: "fresh", Email: "f@nhs.net", Organisation: "A81001"}, w.Waves[path.Choose])
	w.Update(func(ctx context.Context, u *db.W) error {
		return account.AddGroup(ctx, u, fresh.ID, account.UserAdministrator, account.OwnOrganisation)
	})
	_, err = w.cases.RejectAll(t.Context(), by(fresh), w.team.ID, crowd(), "nobody knows them")
	if !errors.Is(err, fault.Forbidden) {
		t.Errorf("by somebody who was given the permission just now: %v", err)
	}
	moved := w.administrator("moved", "A81001")
	w.Update(func(ctx context.Context, u *db.W) error { // who had the address of one of them before
		_, err := u.Exec(ctx, `INSERT INTO account_email_past (account_id, email, email_key, since, until)
			SELECT $1, email, email_key, $3, $3 FROM shared_claim WHERE account_id = $2 AND first_name = 'Annab'`,
			moved.ID, w.team.ID, u.Now())
		return errors.Join(err, u.Record(ctx, audit.Event{Kind: signin.SignedIn, Subject: account.Ref(moved.ID)}))
	})
	others, err := w.cases.RejectAll(t.Context(), by(moved), w.team.ID, crowd(), "nobody knows them")
	if w.Must(err); others != 49 {
		t.Errorf("rejected %d, and not all but their own", others)
	}
	rejected, err := w.cases.RejectAll(t.Context(), by(w.admin), w.team.ID, crowd(), "nobody knows them")
	if w.Must(err); rejected != 1 {
		t.Errorf("rejected %d", rejected)
	}
	w.Must(claim("203.0.113.7/32"))
	now := worldtest.Read(w.World.World, func(ctx context.Context, r db.R) (shared.Crowd, error) {
		return shared.WaitingFrom(ctx, r, w.team.ID)
	})
	if now.Total() != 2 || now.Full() {
		t.Errorf("who waits now: %+v", now)
	}
}

// linkIn gives the id and the secret of the last link of a kind that was mailed to an address.
func (w *world) linkIn(to, path string) (id, secret string) {
	w.Helper()
	text := w.mailsTo(to)
	at := strings.LastIndex(text, w.cases.Home+path)
	if at < 0 {
		w.Fatalf("no link %s in: %s", path, text)
	}
	id, secret, _ = strings.Cut(strings.Fields(text[at+len(w.cases.Home+path):])[0], "/")
	return id, secret
}

// Whoever reads the address of a claim says that it was not them: the claim is rejected and its link to a request ends,
// whatever an administrator decided, and they are not written to again. It works once, for that claim alone, and not
// after they have shown that the claim is theirs.
func TestAClaimInMyNameIsDenied(t *testing.T) {
	w := open(t)
	w.says("Ann")
	w.says("Bea")
	w.Settle()
	stranger := actor.Actor{Kind: actor.Stranger}
	id, secret := w.linkIn("ann@riverside.example", shared.DenyPath)
	bea, beas := w.linkIn("bea@riverside.example", shared.DenyPath)
	var y worldtest.Tally
	y.Refused(t, "with the secret of another claim", w.cases.Deny(t.Context(), stranger, id, beas) == nil)
	y.Refused(t, "with no secret", w.cases.Deny(t.Context(), stranger, id, "") == nil)
	w.Must(w.cases.Confirm(t.Context(), by(w.admin), w.team.ID, w.pick(id)))
	w.Settle()
	own, ownSecret := w.linkIn("ann@riverside.example", shared.OwnPath)
	w.Must(w.cases.Deny(t.Context(), stranger, id, secret))
	y.Refused(t, "twice", w.cases.Deny(t.Context(), stranger, id, secret) == nil)
	y.Refused(t, "its own link", w.cases.Prove(t.Context(), stranger, own, ownSecret) == nil)
	for _, c := range w.claims() {
		if c.ID == id && (c.State != shared.Rejected || c.Denied.IsZero() || c.Reason == "") {
			t.Errorf("the claim is %+v", c)
		}
	}
	w.Clock.Advance(48 * time.Hour)
	w.says("Ann")
	w.Settle()
	if n := w.Mailed("shared.said", "ann@riverside.example"); n != 1 || len(w.Events("shared.denied")) != 1 {
		t.Errorf("mailed %d times, events %d", n, len(w.Events("shared.denied")))
	}
	w.Must(w.cases.Confirm(t.Context(), by(w.admin), w.team.ID, w.pick(bea)))
	w.Settle()
	beasOwn, beasOwnSecret := w.linkIn("bea@riverside.example", shared.OwnPath)
	w.Must(w.cases.Prove(t.Context(), stranger, beasOwn, beasOwnSecret))
	y.Refused(t, "after its person has shown that it is theirs", w.cases.Deny(t.Context(), stranger, bea, beas) == nil)
	y.Report(t, "denials")
}

// An administrator has the email of somebody who was confirmed sent again a few times an hour; the link of the last one
// works still.
func TestTheEmailOfAClaimIsSentAgainAFewTimesAnHour(t *testing.T) {
	w := open(t)
	w.says("Ann")
	id := w.claims()[0].ID
	confirm := func() error { return w.cases.Confirm(t.Context(), by(w.admin), w.team.ID, w.pick(id)) }
	to := w.claims()[0].Email
	for hour := range 2 {
		for range 3 {
			w.Must(confirm())
			w.Clock.Advance(time.Minute)
		}
		before := w.claims()[0]
		var y worldtest.Tally
		for range 10 {
			err := confirm()
			y.Refused(t, "one email more", err == nil)
			if !errors.Is(err, fault.TooMany) {
				t.Errorf("one email more: %v", err)
			}
		}
		y.Report(t, "emails beyond 3 an hour")
		if n := w.Mailed("shared.confirmed", to); n != 3*(hour+1) {
			t.Errorf("%d emails after hour %d", n, hour+1)
		}
		if after := w.claims()[0]; after != before {
			t.Errorf("a refusal changed the claim: %+v, was %+v", after, before)
		}
		w.Clock.Advance(time.Hour)
	}
}

// Somebody who uses many shared accounts is confirmed on each within the hour: none of these emails was sent before.
func TestOnePersonOfManyTeamsIsConfirmedOnEach(t *testing.T) {
	w := open(t)
	const teams = 5
	for n := range teams {
		team := w.Account(account.New{
			Username: fmt.Sprintf("team%d", n), Email: fmt.Sprintf("reception%d@riverside.example", n),
			Kind: account.Shared, Organisation: "A81001", PasswordHash: w.Hash,
			Grants: account.ProviderUser.In(account.OwnOrganisation),
		}, w.Waves[path.Choose])
		w.Must(w.cases.Begin(t.Context(), by(w.admin), team.ID, w.in(60)))
		w.Must(w.cases.Claim(t.Context(), by(team), team.ID, sitting("session of "+team.Username), typed("Ann")))
		list := worldtest.Read(w.World.World, func(ctx context.Context, r db.R) ([]shared.Claim, error) {
			list, _, err := shared.Claims(ctx, r, team.ID, 0, 1)
			return list, err
		})
		pick := worldtest.Must(list[0].Pick([]string{list[0].Name()}))(t)
		w.Must(w.cases.Confirm(t.Context(), by(w.admin), team.ID, pick))
	}
	if n := w.Mailed("shared.confirmed", "ann@riverside.example"); n != teams {
		t.Errorf("%d emails about %d accounts", n, teams)
	}
}
