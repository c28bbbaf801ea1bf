package extract_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"signpost/internal/careid/access"
	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/identity"
	"signpost/internal/national/authn"
	wire "signpost/internal/national/extract"
	"signpost/internal/platform/db"
	"signpost/internal/platform/db/dbtest"
	"signpost/internal/platform/email"
)

// What is said of somebody with an active identity, a proved address, and nothing else.
func plain() wire.Answer {
	return wire.Answer{
		Ref: "1", Found: wire.One, State: wire.Active, Email: wire.EmailEqual, Position: wire.No,
		Authenticator: &wire.Authenticator{},
		Authority:     &wire.Authority{Organisation: "Fenmarch Hospitals", Code: "ZTR", Contact: "ra@ztr.example"},
	}
}

func with(change func(a *wire.Answer)) wire.Answer {
	a := plain()
	change(&a)
	return a
}

func ref(q wire.Question) wire.Question {
	q.Ref = "1"
	return q
}

func TestAnswersAboutEachKindOfPerson(t *testing.T) {
	const ada = "ada@example.nhs.uk"
	byEmail := ref(wire.Question{Email: ada})
	for _, tt := range []struct {
		name  string
		setUp func(w *world) wire.Question
		want  wire.Answer
	}{
		{"nobody", func(*world) wire.Question { return byEmail }, wire.Answer{Ref: "1", Found: wire.None}},
		{"no such number", func(*world) wire.Question { return ref(wire.Question{Subject: "800000000017", Email: ada}) }, wire.Answer{Ref: "1", Found: wire.None}},
		{"active, nothing else", func(w *world) wire.Question {
			w.person("Ada@Example.nhs.uk", nil)
			return byEmail
		}, plain()},
		{"several with one address", func(w *world) wire.Question {
			w.person(ada, nil)
			w.person(ada, nil)
			return byEmail
		}, wire.Answer{Ref: "1", Found: wire.Several, Authority: plain().Authority}},
		{"address nobody proved", func(w *world) wire.Question {
			w.person(ada, func(n *identity.New) { n.EmailVerified = "" })
			return byEmail
		}, with(func(a *wire.Answer) { a.Email = wire.EmailUnverified })},
		{"linked, address the same", func(w *world) wire.Question {
			return ref(wire.Question{Subject: w.person(ada, nil), Email: ada})
		}, plain()},
		{"linked, addresses drifted apart", func(w *world) wire.Question {
			return ref(wire.Question{Subject: w.person("ada@oldtrust.example", nil), Email: ada})
		}, with(func(a *wire.Answer) { a.Email = wire.EmailDifferent })},
		{"linked, identity without an address", func(w *world) wire.Question {
			return ref(wire.Question{Subject: w.person("", nil), Email: ada})
		}, with(func(a *wire.Answer) { a.Email = wire.EmailDifferent })},
		{"linked, no address asked about", func(w *world) wire.Question {
			return ref(wire.Question{Subject: w.person(ada, nil)})
		}, with(func(a *wire.Answer) { a.Email = wire.EmailUnknown })},
		{"linked, while somebody else has the address", func(w *world) wire.Question {
			w.person(ada, nil)
			return ref(wire.Question{Subject: w.person("ada@oldtrust.example", nil), Email: ada})
		}, with(func(a *wire.Answer) { a.Email = wire.EmailDifferent })},
		{"suspended", func(w *world) wire.Question {
			w.move(w.person(ada, nil), identity.Suspend)
			return byEmail
		}, with(func(a *wire.Answer) { a.State = wire.NotActive })},
		{"suspended, and active again", func(w *world) wire.Question {
			uuid := w.person(ada, nil)
			w.move(uuid, identity.Suspend)
			w.move(uuid, identity.Resume)
			return byEmail
		}, with(func(a *wire.Answer) { a.ActiveAgain = nine.UnixMilli() })},
		{"closed and reopened", func(w *world) wire.Question {
			uuid := w.person(ada, nil)
			w.move(uuid, identity.Close)
			w.move(uuid, identity.Reopen)
			return byEmail
		}, with(func(a *wire.Answer) { a.ActiveAgain = nine.UnixMilli() })},
		{"active again, and suspended once more", func(w *world) wire.Question {
			uuid := w.person(ada, nil)
			w.move(uuid, identity.Suspend)
			w.move(uuid, identity.Resume)
			w.move(uuid, identity.Suspend)
			return byEmail
		}, with(func(a *wire.Answer) {
			a.State = wire.NotActive
			a.ActiveAgain = nine.UnixMilli()
		})},
		{"closed", func(w *world) wire.Question {
			w.move(w.person(ada, nil), identity.Close)
			return byEmail
		}, with(func(a *wire.Answer) { a.State = wire.Closed })},
		{"holds the position", func(w *world) wire.Question {
			w.position(w.person(ada, nil), "S8001:G8002:R8008", "B0166")
			return byEmail
		}, with(func(a *wire.Answer) { a.Position = wire.Yes })},
		{"role and activity in two positions", func(w *world) wire.Question {
			uuid := w.person(ada, nil)
			w.position(uuid, "S8001:G8002:R8008")
			w.position(uuid, "S8000:G8000:R8001", "B0166")
			return byEmail
		}, plain()},
		{"approved authenticator", func(w *world) wire.Question {
			w.bind(w.person(ada, nil), authn.AuthenticatorApp, authn.AAL2)
			return byEmail
		}, with(func(a *wire.Answer) { a.Authenticator = &wire.Authenticator{Level: 2, Approved: true} })},
		{"stronger one that is not approved", func(w *world) wire.Question {
			uuid := w.person(ada, nil)
			w.bind(uuid, authn.SecurityKey, authn.AAL3)
			w.bind(uuid, authn.AuthenticatorApp, authn.AAL2)
			return byEmail
		}, with(func(a *wire.Answer) { a.Authenticator = &wire.Authenticator{Level: 2, Approved: true} })},
		{"only one that is not approved", func(w *world) wire.Question {
			w.bind(w.person(ada, nil), authn.SecurityKey, authn.AAL3)
			return byEmail
		}, with(func(a *wire.Answer) { a.Authenticator = &wire.Authenticator{Level: 3} })},
		{"where nobody has decided", func(w *world) wire.Question {
			w.bind(w.person(ada, func(n *identity.New) { n.Organisation = "ZTR" }), authn.SecurityKey, authn.AAL3)
			return byEmail
		}, with(func(a *wire.Answer) { a.Authenticator = &wire.Authenticator{Level: 3, Approved: true} })},
		{"approved where they hold a position alone", func(w *world) wire.Question {
			uuid := w.person(ada, func(n *identity.New) { n.Organisation = "ZTR" })
			w.position(uuid, "S8000:G8000:R8001") // at the pharmacy
			w.bind(uuid, authn.SecurityKey, authn.AAL3)
			return byEmail
		}, with(func(a *wire.Answer) { a.Authenticator = &wire.Authenticator{Level: 3} })},
		{"suspended authenticator", func(w *world) wire.Question {
			id := w.bind(w.person(ada, nil), authn.AuthenticatorApp, authn.AAL2)
			w.Update(func(ctx context.Context, u *db.W) error { return authenticator.SuspendPart(ctx, u, id, "lost") })
			return byEmail
		}, plain()},
		{"nobody serves the organisation", func(w *world) wire.Question {
			w.person(ada, func(n *identity.New) { n.Organisation = "Z90002" })
			return byEmail
		}, with(func(a *wire.Answer) { a.Authority = nil })},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := open(t)
			got := []wire.Answer{asked(w.ask(tt.setUp(w))[0])}
			if d := cmp.Diff([]wire.Answer{tt.want}, got); d != "" {
				t.Errorf("(-want +got)\n%s", d)
			}
		})
	}
}

// A role that is asked about is one that is in force, opens the directory and is held where the question says.
func TestARoleIsAskedAbout(t *testing.T) {
	w := open(t)
	uuid := w.person("ada@example.nhs.uk", nil)
	w.position(uuid, "S8001:G8002:R8008", "B0166")
	w.position(uuid, "S8000:G8000:R8001", "B0166")
	w.position(w.person("bob@example.nhs.uk", nil), "S8001:G8002:R8008", "B0166")
	role := func(uuid, code string) (id string) {
		err := w.DB.View(w.Context(), func(r db.R) error {
			profiles, err := access.RoleProfiles(w.Context(), r, uuid, r.Now())
			for _, p := range profiles {
				if p.RoleCode == code {
					id = p.RoleID
				}
			}
			return err
		})
		if err != nil || id == "" {
			t.Fatalf("no role %s: %v", code, err)
		}
		return id
	}
	const opens = "S8001:G8002:R8008"
	own := role(uuid, opens)
	bob := w.ask(ref(wire.Question{Email: "bob@example.nhs.uk"}))
	if bob[0].Role != "" {
		t.Errorf("a role nobody asked about: %q", bob[0].Role)
	}
	for name, tt := range map[string]struct {
		role         string
		organisation string
		want         wire.YesNo
	}{
		"the role, where it is held":       {own, "Z90001", wire.Yes},
		"the same in small letters":        {own, "z90001", wire.Yes},
		"held elsewhere":                   {own, "ZTR", wire.No},
		"one that does not open":           {role(uuid, "S8000:G8000:R8001"), "Z90001", wire.No},
		"no role of theirs":                {"500000000999", "Z90001", wire.No},
		"a number that is nobody's role":   {uuid, "Z90001", wire.No},
		"organisation with a space behind": {own, "Z90001 ", wire.No},
	} {
		got := w.ask(ref(wire.Question{Subject: uuid, Role: tt.role, Organisation: tt.organisation}))
		if got[0].Role != tt.want || got[0].Position != wire.Yes {
			t.Errorf("%s: role %q, position %q; want role %q", name, got[0].Role, got[0].Position, tt.want)
		}
	}
	w.Update(func(ctx context.Context, u *db.W) error {
		return u.Change(ctx, `UPDATE assignment SET ends_at = $2 WHERE id =
			(SELECT assignment_id FROM assignment_role WHERE role_id = $1)`, own, u.Now())
	})
	got := w.ask(ref(wire.Question{Subject: uuid, Role: own, Organisation: "Z90001"}))
	if got[0].Role != wire.No {
		t.Errorf("after it ended: %q", got[0].Role)
	}
}

// An address that only looks like another is for a person to judge, so it finds nobody.
func TestLookAlikeAddressFindsNobody(t *testing.T) {
	w := open(t)
	w.person("ada@example.nhs.uk", nil)
	if got := w.ask(ref(wire.Question{Email: "ada@example.nhs.uk"})); got[0].Found != wire.One {
		t.Fatalf("honest twin: %+v", got)
	}
	const cyrillic = "аda@example.nhs.uk" // its first letter is Cyrillic
	uuid := w.person("another@example.nhs.uk", nil)
	w.Update(func(ctx context.Context, u *db.W) error { // as one from before such addresses were refused has
		return u.Change(ctx, `UPDATE identity SET email = $2, email_canonical = $2 WHERE uuid = $1`, uuid, cyrillic)
	})
	address, err := email.Parse(cyrillic)
	if err != nil {
		t.Fatal(err)
	}
	key, automatic := address.Canonical()
	if automatic {
		t.Fatalf("%q may match by itself: the test would prove nothing", key)
	}
	if got := w.ask(ref(wire.Question{Email: key})); got[0].Found != wire.None {
		t.Errorf("look-alike: %+v", got)
	}
	if got := w.ask(ref(wire.Question{Email: "ada@example.nhs.uk"})); got[0].Found != wire.One {
		t.Errorf("the real address now finds %q", got[0].Found)
	}
}

func TestStrangeQuestionsFindNobody(t *testing.T) {
	w := open(t)
	uuid := w.person("ada@example.nhs.uk", nil)
	if got := w.ask(ref(wire.Question{Subject: uuid})); got[0].Found != wire.One {
		t.Fatalf("honest twin: %+v", got)
	}
	for name, q := range map[string]wire.Question{
		"address not in canonical form": {Email: "Ada@Example.nhs.uk"}, "address in words": {Email: "Ada <ada@example.nhs.uk>"},
		"NUL in the address": {Email: "ada\x00@example.nhs.uk"}, "pattern as address": {Email: "%@example.nhs.uk"},
		"NUL in the number": {Subject: uuid + "\x00"}, "number with a tail": {Subject: uuid + " "}, "pattern as number": {Subject: "%"},
		"number of an identity, as address": {Email: uuid}, "unknown number, known address": {Subject: "x", Email: "ada@example.nhs.uk"},
	} {
		if got := w.ask(ref(q)); got[0].Found != wire.None {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestAnswersComeInTheOrderOfTheQuestions(t *testing.T) {
	w := open(t)
	w.person("ada@example.nhs.uk", nil)
	got := w.ask(
		wire.Question{Ref: "b", Email: "nobody@example.nhs.uk"},
		wire.Question{Ref: "a", Email: "ada@example.nhs.uk"},
	)
	if got[0].Ref != "b" || got[0].Found != wire.None || got[1].Ref != "a" || got[1].Found != wire.One {
		t.Errorf("answers %+v", got)
	}
	if w.events("extract.answered") != 1 {
		t.Errorf("%d events say so, want 1", w.events("extract.answered"))
	}
}

func TestAnswersAndEventsTellNothingPersonal(t *testing.T) {
	w := open(t)
	uuid := w.person("ada@example.nhs.uk", nil)
	body := w.send(w.honest(ref(wire.Question{Email: "ada@example.nhs.uk"}))).Body.String()
	if !strings.Contains(body, `"found":"one"`) {
		t.Fatalf("honest call: %s", body)
	}
	for _, secret := range []string{uuid, "Ada", "ada@example.nhs.uk"} {
		if strings.Contains(body, secret) || strings.Contains(w.log.String(), secret) {
			t.Errorf("%q is told:\n%s\n%s", secret, body, w.log.String())
		}
	}
}

// A batch of many questions asks the database no more often than one of a few.
func TestStatementsForQuestionsDoNotGrow(t *testing.T) {
	w := open(t)
	asked := map[int]int{}
	for _, n := range []int{3, 60} {
		var questions []wire.Question
		for i := range n {
			address := fmt.Sprintf("p%d.%d@example.nhs.uk", n, i)
			uuid := w.person(address, nil)
			q := wire.Question{Ref: fmt.Sprint(i), Email: address}
			if i%2 == 0 {
				q.Subject = uuid
			}
			questions = append(questions, q)
		}
		statements := dbtest.Statements(t, w.DB, func() {
			for _, a := range w.ask(questions...) {
				if a.Found != wire.One || a.Authority == nil {
					t.Errorf("%+v", a)
				}
			}
		})
		asked[n] = len(statements)
	}
	if asked[3] != asked[60] {
		t.Errorf("statements by questions: %v", asked)
	}
}
