package extract_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"signpost/internal/careid/access"
	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/extract"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/organisation"
	"signpost/internal/careid/schema"
	"signpost/internal/national/authn"
	wire "signpost/internal/national/extract"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/clock"
	"signpost/internal/platform/db"
	"signpost/internal/platform/db/dbtest"
	"signpost/internal/platform/job"
	"signpost/internal/platform/job/jobtest"
	"signpost/internal/platform/jwt"
	"signpost/internal/platform/once"
	"signpost/internal/platform/random"
	"signpost/internal/platform/web"
)

const (
	address = "https://cim.example.nhs.uk"
	asker   = "100000000001.apps.national"
)

var nine = time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)

// world is the extract over a small care identity side, with one directory registered.
type world struct {
	t     *testing.T
	d     *db.DB
	clock *clock.Manual
	key   jwt.Key
	jobs  *job.Queue
	site  *web.Site
	log   bytes.Buffer
}

func open(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, clock: clock.At(nine), key: newKey(t)}
	w.d = dbtest.Open(t, schema.Files, w.clock)
	ws := job.NewWorkers()
	job.Work(ws, func(context.Context, identity.Ended) error { return nil })
	job.Work(ws, func(context.Context, authenticator.Ended) error { return nil })
	once.Work(ws, w.d)
	w.jobs = jobtest.Start(t, w.d, ws)
	w.site = web.New(web.Options{Name: "cim", Log: slog.New(slog.NewJSONHandler(&w.log, nil)), Metrics: web.NewMetrics(prometheus.NewRegistry())})
	(&extract.Extract{DB: w.d, Clock: w.clock, Address: address, Askers: map[string]jwt.Keys{asker: jwt.NewSet(w.key)}}).Mount(w.site)
	w.update(func(ctx context.Context, u *db.W) error {
		trust := organisation.Organisation{Code: "ZTR", Name: "Fenmarch Hospitals", Contact: "ra@ztr.example"}
		if err := organisation.Add(ctx, u, trust); err != nil {
			return err
		}
		pharmacy := organisation.Organisation{Code: "Z90001", Name: "Oak Pharmacy", RAParent: "ZTR"}
		if err := organisation.Add(ctx, u, pharmacy, authn.AuthenticatorApp); err != nil {
			return err
		}
		return organisation.Add(ctx, u, organisation.Organisation{Code: "Z90002", Name: "Nobody's Pharmacy"})
	})
	return w
}

func newKey(t testing.TB) jwt.Key {
	t.Helper()
	k, err := jwt.Generate(jwt.ES256)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func (w *world) update(fn func(ctx context.Context, u *db.W) error) {
	w.t.Helper()
	if err := w.d.Update(w.t.Context(), actor.ForCommand("test"), func(u *db.W) error { return fn(w.t.Context(), u) }); err != nil {
		w.t.Fatal(err)
	}
}

// person makes an active identity at the pharmacy, changed by change, and gives its number.
func (w *world) person(email string, change func(n *identity.New)) (uuid string) {
	w.t.Helper()
	n := identity.New{GivenName: "Ada", FamilyName: "Example", Email: email, EmailVerified: "seen", AssuranceLevel: 3, Verified: true, Organisation: "Z90001"}
	if change != nil {
		change(&n)
	}
	w.update(func(ctx context.Context, u *db.W) error {
		i, err := identity.Add(ctx, u, n)
		uuid = i.UUID
		return err
	})
	return uuid
}

func (w *world) position(uuid, role string, activities ...string) {
	w.t.Helper()
	w.update(func(ctx context.Context, u *db.W) error {
		id, err := access.AddPosition(ctx, u, access.Position{Organisation: "Z90001", Name: role, RoleCode: role, Activities: activities})
		if err != nil {
			return err
		}
		return access.Assign(ctx, u, access.Grant{UUID: uuid, Position: id, Organisation: "Z90001", Starts: u.Now(), Number: identity.Number})
	})
}

func (w *world) bind(uuid string, kind authn.Kind, level authn.Level) (id string) {
	w.t.Helper()
	w.update(func(ctx context.Context, u *db.W) (err error) {
		id, err = authenticator.Bind(ctx, u, authenticator.New{UUID: uuid, Kind: kind, Level: level})
		return err
	})
	return id
}

func (w *world) move(uuid string, act identity.Act) {
	w.t.Helper()
	w.update(func(ctx context.Context, u *db.W) error { return identity.MovePart(ctx, u, uuid, act, "test") })
}

// events counts the events of a kind about the asker.
func (w *world) events(kind audit.Kind) (n int) {
	w.t.Helper()
	err := w.d.View(w.t.Context(), func(r db.R) error {
		list, err := audit.Of(w.t.Context(), r, audit.Ref{Kind: "client", ID: asker}, 1000)
		for _, e := range list {
			if e.Kind == kind {
				n++
			}
		}
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}

// call is one request as the directory makes it, to be spoiled.
type call struct {
	key    jwt.Key
	typ    string
	claims map[string]any
	scheme string
	body   string
}

func (w *world) honest(questions ...wire.Question) call {
	w.t.Helper()
	now := w.clock.Now()
	body, err := json.Marshal(wire.Request{Version: wire.Version, Questions: questions})
	if err != nil {
		w.t.Fatal(err)
	}
	return call{key: w.key, typ: wire.TokenType, scheme: "Bearer ", body: string(body), claims: map[string]any{
		"iss": asker, "sub": asker, "aud": wire.Audience(address), "jti": random.ID(), "iat": now.Unix(), "exp": now.Add(wire.TokenMaxAge).Unix(),
	}}
}

func (w *world) send(c call) *httptest.ResponseRecorder {
	w.t.Helper()
	token, err := jwt.Sign(c.key, c.typ, c.claims)
	if err != nil {
		w.t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, wire.Path, bytes.NewBufferString(c.body))
	r.Header.Set("Authorization", c.scheme+token)
	rec := httptest.NewRecorder()
	w.site.ServeHTTP(rec, r)
	return rec
}

// ask asks honestly and gives the answers.
func (w *world) ask(questions ...wire.Question) []wire.Answer {
	w.t.Helper()
	rec := w.send(w.honest(questions...))
	if rec.Code != http.StatusOK {
		w.t.Fatalf("honest call: %d %s", rec.Code, rec.Body)
	}
	var response wire.Response
	if err := json.Unmarshal(rec.Body.Bytes(), &response); err != nil {
		w.t.Fatal(err)
	}
	if err := response.Check(wire.Request{Version: wire.Version, Questions: questions}); err != nil {
		w.t.Fatalf("the answer is not well formed: %v", err)
	}
	return response.Answers
}
