// Package logintest gives tests of the sign-in service and of its provider a world of their own: the service with two
// clients and one person, browsers that keep cookies, and devices that prove who somebody is.
package logintest

import (
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
	"signpost/internal/careid/identity"
	"signpost/internal/careid/login"
	"signpost/internal/careid/login/simulated"
	"signpost/internal/careid/login/step"
	"signpost/internal/careid/login/words"
	"signpost/internal/careid/population"
	"signpost/internal/careid/provider"
	"signpost/internal/careid/provider/client"
	"signpost/internal/careid/telling"
	"signpost/internal/national/authn"
	"signpost/internal/national/cis2"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fetch"
	"signpost/internal/platform/job"
	"signpost/internal/platform/jwt"
	"signpost/internal/platform/relying/relyingtest"
	"signpost/internal/platform/web"
	"signpost/internal/platform/worldtest"
)

// The addresses, clients and secrets of a world.
const (
	origin   = "http://cis2.localhost:8080"
	Realm    = cis2.Realm
	Issuer   = origin + Realm
	Callback = "https://dos.example.nhs.uk/signin/callback"
	ClientID = "123456789012.apps.supplier"
	OtherID  = "210987654321.apps.supplier"
	Secret   = "a secret of some length"
	GoodPass = "correct horse battery"
)

// When a world begins, and who changes it.
var (
	Nine = time.Date(2026, 11, 24, 9, 0, 10, 0, time.UTC)
	Desk = actor.Actor{Kind: actor.Person, ID: "desk", Name: "RA agent"}
)

// World is a sign-in service with two clients and one person.
type World struct {
	*careidtest.World

	Options     login.Options
	Site        *web.Site
	Handler     http.Handler // stands before the site where a test wants to see its answers
	Provider    *provider.Provider
	Key         jwt.Key // of the client
	UUID        string
	App         string // the secret that the person's authenticator app holds
	BackChannel *backChannel
	NHSNet      *relyingtest.Issuer // at which people have accounts; nobody has one until a test says so
	ground      step.Dependencies   // of the ways
}

// backChannel collects the logout tokens that the client receives.
type backChannel struct {
	server *httptest.Server
	Tokens chan string
	status int
}

func newBackChannel(t testing.TB) *backChannel {
	b := &backChannel{Tokens: make(chan string, 20), status: http.StatusOK}
	b.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b.Tokens <- r.PostFormValue("logout_token")
		w.WriteHeader(b.status)
	}))
	t.Cleanup(b.server.Close)
	return b
}

// Open makes a world at Nine.
func Open(t testing.TB) *World {
	t.Helper()
	w := &World{World: careidtest.Open(t, Nine), BackChannel: newBackChannel(t), Key: clientKey}
	w.Provider = worldtest.Must(provider.New(provider.Options{
		Issuer: Issuer, DB: w.DB, Box: w.Box, Fetch: fetch.New(fetch.Options{AllowLoopback: true}), Clock: w.Clock,
	}))(t)
	w.Must(w.Provider.Keys().Seed(t.Context(), Desk, ProviderKey))
	w.Must(w.Provider.Keys().Load(t.Context(), Desk))
	w.Start(w.Provider.Work, func(ws *job.Workers) {
		telling.Work(ws, w.DB, w.Post, login.NoticeMail(words.Shipped()))
	})
	w.ground = step.Dependencies{
		Origin: origin, Name: "Care Identity", Hasher: w.Apps.Hasher, Box: w.Box, Door: w.door(),
		Upstreams: []authenticator.Elsewhere{w.elsewhere(t)},
	}
	w.Options = login.Options{
		DB: w.DB, Provider: w.Provider, Ways: worldtest.Must(login.NewWays(w.ground))(t), Box: w.Box, Post: w.Post,
		Log: slog.New(slog.DiscardHandler), Metrics: web.NewMetrics(prometheus.NewRegistry()),
		Address: origin, Door: doorAddress, NHSNetworks: legacyZone,
	}
	w.Site = login.New(w.Options)
	w.seed()
	w.Publish(1, certifiedHighly)
	return w
}

// DemoSite makes the site as the demo has it.
func (w *World) DemoSite() *web.Site {
	o := w.Options
	o.Metrics = web.NewMetrics(prometheus.NewRegistry())
	o.Personas = func(context.Context, db.R) ([]simulated.Persona, error) {
		return []simulated.Persona{{UUID: w.UUID, About: "Individual account, everything in order"}}, nil
	}
	return login.New(o)
}

// Keys take long to make, so all tests share these.
var (
	ProviderKey = TestKey(jwt.RS256)
	clientKey   = TestKey(jwt.RS512)
)

// TestKey makes a key.
func TestKey(a jwt.Algorithm) jwt.Key {
	k, err := jwt.Generate(a)
	if err != nil {
		panic(err)
	}
	return k
}

// seed makes Ada and the two clients.
func (w *World) seed() {
	w.Helper()
	w.UUID = w.Make(population.Description{
		Organisations: []population.Organisation{{Code: "FXX01", Name: "EXAMPLE PHARMACY"}},
		People: []population.Person{{
			Title: "Dr", GivenName: "Ada", MiddleNames: "May", FamilyName: "Example", Email: "Ada@example.nhs.uk",
			EmailVerified: true, Organisation: "FXX01",
			Positions: []population.Position{
				{Organisation: "FXX01", Role: "S8001:G8002:R8008", Activities: []string{"B0166"}},
			},
		}},
	})[0].UUID
	jwks := worldtest.Must(json.Marshal(jwt.NewSet(w.Key)))(w)
	directory := client.Client{
		ID: ClientID, Name: "Directory of Services", AuthMethod: client.PrivateKeyJWT, Algorithm: jwt.RS512,
		JWKS: string(jwks), RedirectURIs: []string{Callback},
		PostLogoutURIs:       []string{"https://dos.example.nhs.uk/signed-out"},
		BackchannelLogoutURI: w.BackChannel.server.URL, Scopes: cis2.Scopes, Active: true,
	}
	other := client.Client{
		ID: OtherID, Name: "Another service", AuthMethod: client.ClientSecretPost, RequirePKCE: true,
		RedirectURIs: []string{"http://localhost:3000/cb"}, Scopes: []string{"openid", "profile"}, Active: true,
	}
	w.ByDesk(func(dw *db.W) error {
		if err := client.Register(w.Context(), dw, w.Box, directory, ""); err != nil {
			return err
		}
		return client.Register(w.Context(), dw, w.Box, other, Secret)
	})
}

// SimulatedKey describes a security key that proves nothing.
func SimulatedKey(uuid string) authenticator.New {
	return authenticator.New{UUID: uuid, Kind: authn.SecurityKey, Level: authn.AAL3, Name: "Simulated", Simulated: true}
}

// Position gives the person a position with a role.
func (w *World) Position(role string, activities ...string) {
	w.Helper()
	ctx := w.Context()
	w.ByDesk(func(dw *db.W) error {
		id, err := access.AddPosition(ctx, dw, access.Position{
			Organisation: "FXX01", Name: role, Profiles: access.One(role, activities...),
		})
		if err != nil {
			return err
		}
		return access.Assign(ctx, dw, access.Grant{
			UUID: w.UUID, Position: id, Organisation: "FXX01", Starts: dw.Now(), Number: identity.Number,
		})
	})
}

// serve returns the handler that answers: the site, or what stands before it.
func (w *World) serve() http.Handler {
	if w.Handler != nil {
		return w.Handler
	}
	return w.Site
}

// ByDesk changes the database as the registration authority does.
func (w *World) ByDesk(fn func(dw *db.W) error) {
	w.Helper()
	worldtest.Check(w, w.DB.Update(w.Context(), Desk, fn))
}

// Another makes a second person, Bo Example, with a security key, and returns the key.
func (w *World) Another(t testing.TB) *Device {
	t.Helper()
	first := w.UUID
	w.ByDesk(func(dw *db.W) error {
		i, err := identity.Add(t.Context(), dw,
			identity.New{GivenName: "Bo", FamilyName: "Example", Email: "Ada@example.nhs.uk", AssuranceLevel: 3})
		w.UUID = i.UUID
		return err
	})
	d := NewDevice()
	w.BindDevice(d, authn.SecurityKey)
	w.UUID = first
	return d
}

// AuthenticatorID returns the id of the person's first authenticator.
func (w *World) AuthenticatorID(t testing.TB) string {
	t.Helper()
	list, err := db.Read(t.Context(), w.DB, func(r db.R) ([]authenticator.Authenticator, error) {
		return authenticator.OfIdentity(t.Context(), r, w.UUID)
	})
	worldtest.Check(t, err)
	if len(list) == 0 {
		t.Fatal("no authenticator")
	}
	return list[0].ID
}

// Roles lists the ids of the person's role profiles.
func (w *World) Roles() (ids []string) {
	w.Helper()
	w.View(func(ctx context.Context, r db.R) error {
		profiles, err := access.RoleProfiles(ctx, r, w.UUID, r.Now())
		for _, p := range profiles {
			ids = append(ids, p.RoleID)
		}
		return err
	})
	return ids
}
