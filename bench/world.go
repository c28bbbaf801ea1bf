package main

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/descope/virtualwebauthn"
	"github.com/jackc/pgx/v5"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/authenticator/webauthn"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/population"
	"signpost/internal/careid/provider"
	"signpost/internal/careid/provider/client"
	"signpost/internal/careid/schema"
	"signpost/internal/national/authn"
	"signpost/internal/national/cis2"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/clock"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fetch"
	"signpost/internal/platform/job"
	"signpost/internal/platform/jwt"
	"signpost/internal/platform/random"
	"signpost/internal/platform/seal"
)

const (
	clientID = "123456789012.apps.supplier"
	callback = "https://dos.example.nhs.uk/signin/callback"
)

var scopes = []string{cis2.OpenID, cis2.Profile, cis2.Email, cis2.NHSPerson, cis2.Roles, cis2.Orgs}

// noMail is a port on which no mail server listens.
const noMail = 1

// world holds what both servers are about: the people, their keys, and the service they sign in to.
type world struct {
	folder    string
	engine    string
	source    string // of the care identity database
	low       string // of the floor's database
	ways      *ways  // to the two databases, where they are longer than they need be
	port      int    // of the program
	operating int    // its operations listener
	mail      int    // port of its mail server
	algorithm jwt.Algorithm
	key       jwt.Key // of the client
	people    []*person
	pages     bool      // are fetched too
	box       *seal.Box // of the program, which seals its forms
}

// person is one virtual person with a security key.
type person struct {
	uuid string
	rp   virtualwebauthn.RelyingParty
	auth virtualwebauthn.Authenticator
	cred virtualwebauthn.Credential
}

// origin is CIS2's, as the people see it.
func (w *world) origin() string { return fmt.Sprintf("http://cis2.localhost:%d", w.port) }

// bench is who makes the world.
var bench = actor.ForCommand("bench")

// makeWorld fills a database, and closes it again before anything is measured.
func makeWorld(ctx context.Context, o options, engine string, s signing, folder string) (w *world, err error) {
	w = &world{
		folder: folder, engine: engine, algorithm: s.algorithm, pages: o.pages, mail: noMail,
		source: filepath.Join(folder, "careid.db"), low: filepath.Join(folder, "floor.db"),
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("make folder: %w", err)
	}
	for _, port := range []*int{&w.port, &w.operating} {
		if *port, err = freePort(ctx); err != nil {
			return nil, err
		}
	}
	if engine == "PostgreSQL" {
		if w.source, w.low, err = makeDatabases(ctx, o.postgres); err != nil {
			return nil, err
		}
	}
	if w.key, err = clientKey(s); err != nil {
		return nil, err
	}
	d, err := db.Open(ctx, db.Options{Source: w.source, Migrations: schema.Files, Clock: clock.System{}})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	if err := w.fill(ctx, d, o.people); err != nil {
		return nil, err
	}
	if engine == "PostgreSQL" {
		return w, analyse(ctx, w.source)
	}
	return w, nil
}

// ways are the proxies in front of the two databases.
type ways struct{ source, low *distance }

// moveAway puts the databases further away, where they stand on a server and a delay is asked for.
func (w *world) moveAway(ctx context.Context, delay time.Duration) (err error) {
	if delay == 0 || w.engine != "PostgreSQL" {
		return nil
	}
	w.ways = &ways{}
	if w.ways.source, w.source, err = furtherAway(ctx, w.source, delay); err != nil {
		return err
	}
	w.ways.low, w.low, err = furtherAway(ctx, w.low, delay)
	return err
}

func (w *world) closeWays() {
	if w.ways != nil {
		_ = w.ways.source.close()
		_ = w.ways.low.close()
	}
}

// journeys counts those to the database of a target so far.
func (w *world) journeys(t *target) int64 {
	switch {
	case w.ways == nil:
		return 0
	case t.issuer == w.origin()+cis2.Realm:
		return w.ways.source.journeys.Load()
	}
	return w.ways.low.journeys.Load()
}

// analyse counts what is in the tables, as the server does by itself within a minute. Before that it thinks
// them empty, and plans as for empty ones.
func analyse(ctx context.Context, source string) (err error) {
	conn, err := pgx.Connect(ctx, source)
	if err != nil {
		return fmt.Errorf("reach PostgreSQL: %w", err)
	}
	defer func() { err = errors.Join(err, conn.Close(ctx)) }()
	_, err = conn.Exec(ctx, `ANALYZE`)
	return err
}

// clientKey signs the assertions of the service.
func clientKey(s signing) (jwt.Key, error) {
	if s.bits == 0 {
		return jwt.Generate(s.algorithm)
	}
	private, err := rsa.GenerateKey(rand.Reader, s.bits)
	if err != nil {
		return jwt.Key{}, fmt.Errorf("make the client's key: %w", err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return jwt.Key{}, fmt.Errorf("encode the client's key: %w", err)
	}
	return jwt.FromPKCS8(s.algorithm, der)
}

func freePort(ctx context.Context) (int, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("find a free port: %w", err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	return port, l.Close()
}

// makeDatabases makes two empty databases on a PostgreSQL server.
func makeDatabases(ctx context.Context, server string) (care, low string, err error) {
	conn, err := pgx.Connect(ctx, server)
	if err != nil {
		return "", "", fmt.Errorf("reach PostgreSQL: %w", err)
	}
	defer func() { err = errors.Join(err, conn.Close(ctx)) }()
	u, err := url.Parse(server)
	if err != nil {
		return "", "", err
	}
	var made []string
	for _, part := range []string{"care", "floor"} {
		name := "bench_" + part + "_" + strings.ReplaceAll(random.ID(), "-", "")
		const as = ` TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C.UTF-8' LC_CTYPE 'C.UTF-8'`
		if _, err := conn.Exec(ctx, `CREATE DATABASE `+name+as); err != nil {
			return "", "", fmt.Errorf("make database: %w", err)
		}
		u.Path = "/" + name
		made = append(made, u.String())
	}
	return made[0], made[1], nil
}

// fill makes the keys, the client and the people.
func (w *world) fill(ctx context.Context, d *db.DB, people int) error {
	queue, err := job.Open(ctx, d, job.NewWorkers(), slog.New(slog.DiscardHandler)) // makes the tables of jobs
	if err != nil {
		return err
	}
	defer func() { _ = queue.Stop(ctx) }()
	box, err := seal.File{Path: filepath.Join(w.folder, "master.key")}.Load(true)
	w.box = box
	if err != nil {
		return err
	}
	p, err := provider.New(provider.Options{
		Issuer: w.origin() + cis2.Realm, DB: d, Box: box, Fetch: fetch.New(fetch.Options{}), Clock: clock.System{},
	})
	if err != nil {
		return err
	}
	if err := p.Keys().Load(ctx, bench); err != nil {
		return err
	}
	jwks, err := json.Marshal(jwt.NewSet(w.key))
	if err != nil {
		return err
	}
	made, err := db.Write(ctx, d, bench, func(dw *db.W) ([]population.Made, error) {
		maker := population.Maker{EmailProof: "made for the benchmark"}
		made, err := maker.Make(ctx, dw, describe(people))
		if err != nil {
			return nil, err
		}
		return made, client.Register(ctx, dw, box, client.Client{
			ID: clientID, Name: "Directory of Services", AuthMethod: client.PrivateKeyJWT, Algorithm: w.algorithm,
			IDTokenAlgorithm: w.algorithm, JWKS: string(jwks), RedirectURIs: []string{callback}, Scopes: scopes,
			RequirePKCE: true, Active: true,
		}, "")
	})
	if err != nil {
		return err
	}
	party, err := webauthn.New(w.origin(), "Care Identity", nil)
	if err != nil {
		return err
	}
	for i, someone := range made {
		one, err := w.enrol(ctx, d, party, someone.UUID)
		if err != nil {
			return fmt.Errorf("enrol person %d: %w", i, err)
		}
		w.people = append(w.people, one)
	}
	return nil
}

// describe describes so many people of one surgery, who may all use the Directory of Services.
func describe(people int) population.Description {
	const surgery = "Z90000"
	d := population.Description{Organisations: []population.Organisation{{Code: surgery, Name: "RIVERSIDE SURGERY"}}}
	for i := range people {
		d.People = append(d.People, population.Person{
			GivenName: "Person", FamilyName: fmt.Sprint("Number ", i), Email: fmt.Sprintf("person%d@bench.example", i),
			EmailVerified: true, Organisation: surgery, Positions: []population.Position{population.Directory(surgery)},
		})
	}
	return d
}

// enrol binds a security key to a care identity.
func (w *world) enrol(ctx context.Context, d *db.DB, party *webauthn.Party, uuid string) (*person, error) {
	one := &person{
		uuid: uuid,
		rp:   virtualwebauthn.RelyingParty{ID: "cis2.localhost", Name: "Care Identity", Origin: w.origin()},
		auth: virtualwebauthn.NewAuthenticator(), cred: credential(),
	}
	owner, err := db.Read(ctx, d, func(r db.R) (identity.Identity, error) { return identity.ByUUID(ctx, r, uuid) })
	if err != nil {
		return nil, err
	}
	attempt := authenticator.Attempt{DB: d, Actor: bench, Kind: authn.SecurityKey}
	begun, err := party.BeginBinding(ctx, attempt, owner)
	if err != nil {
		return nil, err
	}
	options, err := virtualwebauthn.ParseAttestationOptions(string(begun.Options))
	if err != nil {
		return nil, err
	}
	handle, err := handleIn(begun.Options)
	if err != nil {
		return nil, err
	}
	one.auth.Options.UserHandle = handle
	attempt.State = begun.State
	attempt.Form = url.Values{
		"answer": {virtualwebauthn.CreateAttestationResponse(one.rp, one.auth, one.cred, *options)},
	}
	bind, err := party.FinishBinding(ctx, attempt, uuid)
	if err != nil {
		return nil, err
	}
	one.auth.AddCredential(one.cred)
	return one, d.Update(ctx, bench, func(dw *db.W) error {
		_, err := bind(ctx, dw)
		return err
	})
}

// credential makes one whose public key has both coordinates at full length: the library leaves leading
// zeros out, which no real authenticator does.
func credential() virtualwebauthn.Credential {
	const full = 77 // bytes of the COSE key
	for {
		if c := virtualwebauthn.NewCredential(virtualwebauthn.KeyTypeEC2); len(c.Key.AttestationData()) == full {
			return c
		}
	}
}

func handleIn(options []byte) ([]byte, error) {
	var o struct {
		PublicKey struct{ User struct{ ID string } }
	}
	if err := json.Unmarshal(options, &o); err != nil {
		return nil, err
	}
	return base64.RawURLEncoding.DecodeString(strings.TrimRight(o.PublicKey.User.ID, "="))
}
