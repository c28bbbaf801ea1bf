package double_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"signpost/internal/careid/careidtest"
	"signpost/internal/careid/provider/key"
	"signpost/internal/careid/schema"
	"signpost/internal/double"
	"signpost/internal/double/file"
	"signpost/internal/national/cis2"
	"signpost/internal/platform/clock"
	"signpost/internal/platform/db/dbtest"
	"signpost/internal/platform/seal"
	"signpost/internal/platform/worldtest"
)

// world is a running double with the file of docs/double.md, and a relying party made of go-oidc.
type world struct {
	t         *testing.T
	double    *double.Double
	address   string
	recording *recording
	waited    []time.Duration // what slow answers were made to wait
	told      chan string     // logout tokens that came to the relying party
	rp        rp
}

type recording struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write keeps a part of the recording.
func (r *recording) Write(b []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.text.Write(b)
}

func (r *recording) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.text.String()
}

// example is the file of docs/double.md, whose relying party takes logout tokens at an address.
func example(t *testing.T, backchannel string) file.File {
	t.Helper()
	text, err := os.ReadFile("file/example.toml")
	worldtest.Check(t, err)
	f, err := file.Parse(bytes.ReplaceAll(text, []byte("http://localhost:3000/backchannel-logout"),
		[]byte(backchannel)))
	worldtest.Check(t, err)
	return f
}

func serve(t *testing.T, h http.Handler) (address string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	worldtest.Check(t, err)
	return serveOn(t, l, h)
}

func serveOn(t *testing.T, l net.Listener, h http.Handler) (address string) {
	t.Helper()
	s := &http.Server{Handler: h}
	go func() { _ = s.Serve(l) }()
	t.Cleanup(func() { _ = s.Close() })
	_, port, err := net.SplitHostPort(l.Addr().String())
	worldtest.Check(t, err)
	return "http://localhost:" + port
}

// folder is a double's, in which its keys were made before: a new RSA key takes long.
func folder(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	path := filepath.Join(folder, "careid.db")
	dbtest.File(t, path, schema.Files)
	box, err := (seal.File{Path: filepath.Join(folder, "master.key")}).Load(true)
	worldtest.Check(t, err)
	d := dbtest.Reopen(t, path, schema.Files, clock.System{})
	careidtest.Seed(t, &key.Ring{DB: d, Box: box})
	worldtest.Check(t, d.Close())
	return folder
}

func open(t *testing.T, change ...func(*double.Options)) *world {
	t.Helper()
	w := &world{t: t, recording: &recording{}, told: make(chan string, 200)}
	ears := serve(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		w.told <- r.PostFormValue("logout_token")
	}))
	l, err := net.Listen("tcp", "127.0.0.1:0")
	worldtest.Check(t, err)
	_, port, err := net.SplitHostPort(l.Addr().String())
	worldtest.Check(t, err)
	o := double.Options{
		File: example(t, ears), Address: "http://localhost:" + port, Issuer: "http://localhost:" + port + cis2.Realm,
		Folder: folder(t), Throwaway: true, Log: discard, Record: w.recording,
		Wait: func(_ context.Context, d time.Duration) error { w.waited = append(w.waited, d); return nil },
	}
	for _, c := range change {
		c(&o)
	}
	w.double, err = double.Open(t.Context(), o)
	worldtest.Check(t, err)
	t.Cleanup(func() { worldtest.Check(t, w.double.Close(context.Background())) })
	w.double.BeginRecording()
	w.address = serveOn(t, l, w.double.Handler())
	return w
}

// answer holds what the control API answered.
type answer map[string]any

// control posts to the control API, or gets where there is no body.
func (w *world) control(path string, body any) (status int, got answer) {
	w.t.Helper()
	status, text := w.ask(path, body)
	_ = json.Unmarshal([]byte(text), &got) // lists are looked at as texts
	return status, got
}

func (w *world) ask(path string, body any) (status int, text string) {
	w.t.Helper()
	method := http.MethodGet
	sent := io.Reader(http.NoBody)
	if body != nil {
		encoded, err := json.Marshal(body)
		worldtest.Check(w.t, err)
		method = http.MethodPost
		sent = bytes.NewReader(encoded)
	}
	r, err := http.NewRequestWithContext(w.t.Context(), method, w.address+"/double/"+path, sent)
	worldtest.Check(w.t, err)
	return w.send(r)
}

func (w *world) send(r *http.Request) (status int, text string) {
	w.t.Helper()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Do(r)
	worldtest.Check(w.t, err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	worldtest.Check(w.t, err)
	return res.StatusCode, string(body)
}

// must is control for what has to succeed.
func (w *world) must(path string, body any) answer {
	w.t.Helper()
	status, got := w.control(path, body)
	if status != http.StatusOK {
		w.t.Fatalf("%s %v: %d %v", path, body, status, got)
	}
	return got
}

// rp is a relying party as a Go program has one: go-oidc and oauth2.
type rp struct {
	oauth    *oauth2.Config
	provider *oidc.Provider
	verifier *oidc.IDTokenVerifier
}

// party makes the relying party once, by discovery.
func (w *world) party() rp {
	w.t.Helper()
	if w.rp.provider != nil {
		return w.rp
	}
	provider, err := oidc.NewProvider(w.t.Context(), w.double.Issuer())
	worldtest.Check(w.t, err)
	const id = "123456789012.apps.supplier"
	endpoint := provider.Endpoint()
	endpoint.AuthStyle = oauth2.AuthStyleInParams // client_secret_post
	w.rp = rp{
		provider: provider, verifier: provider.Verifier(&oidc.Config{ClientID: id}),
		oauth: &oauth2.Config{
			ClientID: id, ClientSecret: "not a secret, only a double's", Endpoint: endpoint, RedirectURL: "http://localhost:3000/callback",
			Scopes: []string{"openid", "profile", "email", "nhsperson", "nationalrbacaccess"},
		},
	}
	return w.rp
}

// request makes an authorisation request; each option is a parameter and its value.
func (w *world) request(parameters ...string) (address, verifier string) {
	w.t.Helper()
	verifier = oauth2.GenerateVerifier()
	options := []oauth2.AuthCodeOption{oidc.Nonce("n-1"), oauth2.S256ChallengeOption(verifier)}
	for i := 0; i < len(parameters); i += 2 {
		options = append(options, oauth2.SetAuthURLParam(parameters[i], parameters[i+1]))
	}
	return w.party().oauth.AuthCodeURL("s-1", options...), verifier
}

// codeFrom reads the code of a location.
func (w *world) codeFrom(location string) string {
	w.t.Helper()
	u, err := url.Parse(location)
	worldtest.Check(w.t, err)
	if !strings.HasPrefix(location, "http://localhost:3000/callback?") || u.Query().Get("state") != "s-1" ||
		u.Query().Get("code") == "" {
		w.t.Fatalf("no code in %s", location)
	}
	return u.Query().Get("code")
}

// tokens signs somebody in by the control API and exchanges the code.
func (w *world) tokens(request map[string]any, parameters ...string) (*oauth2.Token, error) {
	w.t.Helper()
	address, verifier := w.request(parameters...)
	request["url"] = address
	got := w.must("sign-in", request)
	location, _ := got["location"].(string)
	return w.party().oauth.Exchange(w.t.Context(), w.codeFrom(location), oauth2.VerifierOption(verifier))
}

// claims gives the verified claims of the ID token of tokens.
func (w *world) claims(tokens *oauth2.Token) map[string]any {
	w.t.Helper()
	text, _ := tokens.Extra("id_token").(string)
	id, err := w.party().verifier.Verify(w.t.Context(), text)
	worldtest.Check(w.t, err)
	var claims map[string]any
	worldtest.Check(w.t, id.Claims(&claims))
	return claims
}

func (w *world) userInfo(tokens *oauth2.Token) (map[string]any, error) {
	w.t.Helper()
	info, err := w.party().provider.UserInfo(w.t.Context(), oauth2.StaticTokenSource(tokens))
	if err != nil {
		return nil, err
	}
	var claims map[string]any
	worldtest.Check(w.t, info.Claims(&claims))
	return claims, nil
}

var discard = slog.New(slog.DiscardHandler)

func decode[T any](t *testing.T, text string) (v T) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return v
}

// person gives somebody as they stand now.
func (w *world) person(id string) map[string]any {
	w.t.Helper()
	_, text := w.ask("people", nil)
	for _, p := range decode[[]map[string]any](w.t, text) {
		if p["id"] == id {
			return p
		}
	}
	w.t.Fatalf("no %s in %s", id, text)
	return nil
}
