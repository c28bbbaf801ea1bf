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
	"signpost/internal/careid/careidtest"
	"signpost/internal/careid/extract"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/population"
	"signpost/internal/national/authn"
	wire "signpost/internal/national/extract"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/job"
	"signpost/internal/platform/jwt"
	"signpost/internal/platform/once"
	"signpost/internal/platform/random"
	"signpost/internal/platform/web"
)

const (
	address = "https://cim.example.nhs.uk"
	asker   = "100000000001.apps.national"

	otherAsker = "100000000009.apps.national"
)

var nine = time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)

// world is the extract over a small care identity side, with one directory registered.
type world struct {
	*careidtest.World

	key  jwt.Key
	site *web.Site
	pace *extract.Pace
	log  bytes.Buffer
}

func open(t testing.TB) *world {
	t.Helper()
	w := &world{World: careidtest.Open(t, nine), key: newKey(t), pace: &extract.Pace{PerSecond: 1e-9, Burst: 1_000_000}}
	w.Start(careidtest.Idle, func(ws *job.Workers) { once.Work(ws, w.DB) })
	log := slog.New(slog.NewJSONHandler(&w.log, nil))
	w.site = web.New(web.Options{Name: "cim", Log: log, Metrics: web.NewMetrics(prometheus.NewRegistry())})
	askers := map[string]jwt.Keys{asker: jwt.NewSet(w.key), otherAsker: jwt.NewSet(w.key)}
	(&extract.Extract{DB: w.DB, Post: w.Post, Box: w.Box, Clock: w.Clock, Address: address,
		Askers: askers, Pace: w.pace}).Mount(w.site)
	w.Make(population.Description{Organisations: []population.Organisation{
		{Code: "ZTR", Name: "Fenmarch Hospitals", Contact: "ra@ztr.example"},
		{Code: "Z90001", Name: "Oak Pharmacy", RAParent: "ZTR", Approved: []authn.Kind{authn.AuthenticatorApp}},
		{Code: "Z90002", Name: "Nobody's Pharmacy"},
	}})
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

// person makes an active identity at the pharmacy, changed by change, and gives its number.
func (w *world) person(email string, change func(n *identity.New)) (uuid string) {
	w.Helper()
	n := identity.New{
		GivenName: "Ada", FamilyName: "Example", Email: email, EmailVerified: "seen", AssuranceLevel: 3, Verified: true,
		Organisation: "Z90001",
	}
	if change != nil {
		change(&n)
	}
	w.Update(func(ctx context.Context, u *db.W) error {
		i, err := identity.Add(ctx, u, n)
		uuid = i.UUID
		return err
	})
	return uuid
}

func (w *world) position(uuid, role string, activities ...string) {
	w.Helper()
	w.Update(func(ctx context.Context, u *db.W) error {
		id, err := access.AddPosition(ctx, u, access.Position{
			Organisation: "Z90001", Name: role, Profiles: access.One(role, activities...),
		})
		if err != nil {
			return err
		}
		return access.Assign(ctx, u, access.Grant{
			UUID: uuid, Position: id, Organisation: "Z90001", Starts: u.Now(), Number: identity.Number,
		})
	})
}

func (w *world) bind(uuid string, kind authn.Kind, level authn.Level) (id string) {
	w.Helper()
	w.Update(func(ctx context.Context, u *db.W) (err error) {
		id, err = authenticator.Bind(ctx, u, authenticator.New{UUID: uuid, Kind: kind, Level: level})
		return err
	})
	return id
}

func (w *world) move(uuid string, act identity.Act) {
	w.Helper()
	w.Update(func(ctx context.Context, u *db.W) error { return identity.MovePart(ctx, u, uuid, act, "test") })
}

// events counts the events of a kind about the asker.
func (w *world) events(kind audit.Kind) (n int) {
	w.Helper()
	err := w.DB.View(w.Context(), func(r db.R) error {
		list, err := audit.Of(w.Context(), r, audit.Ref{Kind: "client", ID: asker}, 1000)
		for _, e := range list {
			if e.Kind == kind {
				n++
			}
		}
		return err
	})
	if err != nil {
		w.Fatal(err)
	}
	return n
}

// call is one request as the directory makes it, to be spoiled.
type call struct {
	key    jwt.Key
	typ    string
	claims map[string]any
	scheme string
	path   string
	body   string
}

func (w *world) honest(questions ...wire.Question) call {
	w.Helper()
	now := w.Clock.Now()
	body, err := json.Marshal(wire.Request{Version: wire.Version, Questions: questions})
	if err != nil {
		w.Fatal(err)
	}
	return call{key: w.key, typ: wire.TokenType, scheme: "Bearer ", path: wire.Path, body: string(body), claims: map[string]any{
		"iss": asker, "sub": asker, "aud": wire.Audience(address), "jti": random.ID(), "iat": now.Unix(), "exp": now.Add(wire.TokenMaxAge).Unix(),
	}}
}

func (w *world) send(c call) *httptest.ResponseRecorder {
	w.Helper()
	token, err := jwt.Sign(c.key, c.typ, c.claims)
	if err != nil {
		w.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, c.path, bytes.NewBufferString(c.body))
	r.Header.Set("Authorization", c.scheme+token)
	rec := httptest.NewRecorder()
	w.site.ServeHTTP(rec, r)
	return rec
}

// ask asks honestly and gives the answers.
func (w *world) ask(questions ...wire.Question) []wire.Answer {
	w.Helper()
	rec := w.send(w.honest(questions...))
	if rec.Code != http.StatusOK {
		w.Fatalf("honest call: %d %s", rec.Code, rec.Body)
	}
	var response wire.Response
	if err := json.Unmarshal(rec.Body.Bytes(), &response); err != nil {
		w.Fatal(err)
	}
	if err := response.Check(wire.Request{Version: wire.Version, Questions: questions}); err != nil {
		w.Fatalf("the answer is not well formed: %v", err)
	}
	return response.Answers
}
