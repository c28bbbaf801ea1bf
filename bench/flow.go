package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/descope/virtualwebauthn"

	"signpost/internal/national/authn"
	"signpost/internal/national/cis2"
	"signpost/internal/platform/jwt"
	"signpost/internal/platform/random"
	"signpost/internal/platform/seal"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/page"
)

// target is a server that people sign in at.
type target struct {
	address  string // to connect to
	host     string // as the browser names it
	issuer   string
	keys     jwt.Set
	client   *http.Client
	first    time.Duration // from its start to the end of the first sign-in
	stop     func() error
	cpu      func() time.Duration
	resident func() int // MiB
	peak     func() int // MiB, at most so far
}

func newTarget(address, host, issuer string) *target {
	return &target{address: address, host: host, issuer: issuer, client: &http.Client{
		Transport:     &http.Transport{MaxIdleConns: 512, MaxIdleConnsPerHost: 512, DisableCompression: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Timeout:       30 * time.Second,
	}}
}

// drive lets n people sign in one after another for a while.
func (w *world) drive(ctx context.Context, t *target, n int, span time.Duration) (all figures) {
	begun := time.Now()
	served := t.cpu()
	driven := worked(os.Getpid())
	travelled := w.journeys(t)
	until := begun.Add(span)
	parts := make([]figures, n)
	var together sync.WaitGroup
	for i := range n {
		together.Go(func() {
			p := w.people[i%len(w.people)]
			for time.Now().Before(until) && ctx.Err() == nil {
				start := time.Now()
				if err := w.signIn(ctx, t, p); err != nil {
					parts[i].errors++
					parts[i].first = errors.Join(parts[i].first, err)
					if parts[i].errors > 3 {
						return
					}
					continue
				}
				parts[i].took = append(parts[i].took, time.Since(start))
			}
		})
	}
	together.Wait()
	for _, part := range parts {
		all = all.and(part)
	}
	all.span = time.Since(begun)
	all.cpu = t.cpu() - served
	all.own = worked(os.Getpid()) - driven
	all.journeys = w.journeys(t) - travelled
	return all
}

// browser is one person's browser during one sign-in.
type browser struct {
	t       *target
	p       *person
	from    string // address: people come from many
	cookies map[string]string
}

// answer holds what came back, read to its end.
type answer struct {
	status   int
	location string
	text     []byte
}

// failure names an answer of the wrong status.
func (a answer) failure(method, path string) error {
	return fmt.Errorf("%s %.60s: %d %.200s", method, path, a.status, title(a.text))
}

// do sends a request.
func (b *browser) do(ctx context.Context, method, path string, form url.Values,
	header ...string) (a answer, err error) {
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r, err := http.NewRequestWithContext(ctx, method, b.t.address+path, body)
	if err != nil {
		return a, err
	}
	r.Host = b.t.host
	r.Header.Set("X-Forwarded-For", b.from)
	for name, value := range b.cookies {
		//nolint:gosec // as a browser sends it back, without attributes
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	res, err := b.t.client.Do(r)
	if err != nil {
		return a, err
	}
	defer func() { err = errors.Join(err, res.Body.Close()) }()
	a.status = res.StatusCode
	a.location = res.Header.Get("Location")
	for _, c := range res.Cookies() {
		b.cookies[c.Name] = c.Value
		if c.MaxAge < 0 {
			delete(b.cookies, c.Name)
		}
	}
	a.text, err = io.ReadAll(res.Body)
	return a, err
}

// goes sends a request that must lead elsewhere, and says where to.
func (b *browser) goes(ctx context.Context, method, path string, form url.Values) (string, error) {
	a, err := b.do(ctx, method, path, form)
	if err == nil && a.status != http.StatusSeeOther {
		err = a.failure(method, path)
	}
	return a.location, err
}

// sends posts a form that must lead elsewhere, with the seal that its page would have had, and says where to.
func (b *browser) sends(ctx context.Context, box *seal.Box, path string, form url.Values) (string, error) {
	sealed, err := sealedFor(box, path, form)
	if err != nil {
		return "", err
	}
	return b.goes(ctx, http.MethodPost, path, sealed)
}

// sealedFor adds the seal of a sign-in's form, so that its page need not be fetched.
func sealedFor(box *seal.Box, path string, form url.Values) (url.Values, error) {
	sealed, err := web.Seal(box, "cis2", path, web.Author{})
	form.Set(web.SealField, sealed)
	return form, err
}

func title(page []byte) []byte {
	_, rest, _ := bytes.Cut(page, []byte("<title>"))
	title, _, found := bytes.Cut(rest, []byte("</title>"))
	if !found {
		return page
	}
	return title
}

// reads sends a request that must succeed, and gives its body.
func (b *browser) reads(ctx context.Context, method, path string, form url.Values, header ...string) ([]byte, error) {
	a, err := b.do(ctx, method, path, form, header...)
	if err == nil && a.status != http.StatusOK {
		err = a.failure(method, path)
	}
	return a.text, err
}

// signIn is one whole flow: what a browser does, and then what the service does.
func (w *world) signIn(ctx context.Context, t *target, p *person) error {
	b := &browser{t: t, p: p, from: anyAddress(), cookies: map[string]string{}}
	verifier := random.Secret()
	nonce := random.Secret()
	code, err := w.prove(ctx, b, verifier, nonce)
	if err != nil {
		return err
	}
	b.from = serviceAddress
	return w.serve(ctx, b, code, verifier, nonce)
}

// serviceAddress is where the service calls from, for all who sign in to it.
const serviceAddress = "10.255.0.1"

// anyAddress is one of the many that people come from.
func anyAddress() string {
	at := random.Bytes(3)
	return fmt.Sprintf("10.%d.%d.%d", at[0], at[1], at[2])
}

// prove walks a browser through the pages and gives the code it comes back with.
func (w *world) prove(ctx context.Context, b *browser, verifier, nonce string) (string, error) {
	sum := sha256.Sum256([]byte(verifier))
	q := url.Values{
		"response_type": {"code"}, "client_id": {clientID}, "redirect_uri": {callback},
		"scope": {strings.Join(scopes, " ")}, "state": {random.Secret()}, "nonce": {nonce},
		"acr_values": {authn.AAL3Any.Name()}, "code_challenge": {base64.RawURLEncoding.EncodeToString(sum[:])},
		"code_challenge_method": {"S256"},
	}
	at, err := b.goes(ctx, http.MethodGet, cis2.Realm+cis2.AuthorizePath+"?"+q.Encode(), nil)
	if err != nil {
		return "", err
	}
	if err := w.look(ctx, b, at); err != nil {
		return "", err
	}
	choice := url.Values{"authenticator": {"security_key"}}
	if at, err = b.sends(ctx, w.box, at+"/authenticator", choice); err != nil {
		return "", err
	}
	if err := w.look(ctx, b, at); err != nil {
		return "", err
	}
	sealed, err := sealedFor(w.box, at+"/options", url.Values{})
	if err != nil {
		return "", err
	}
	text, err := b.reads(ctx, http.MethodPost, at+"/options", sealed)
	if err != nil {
		return "", err
	}
	options, err := virtualwebauthn.ParseAssertionOptions(string(text))
	if err != nil {
		return "", fmt.Errorf("options: %w", err)
	}
	answer := virtualwebauthn.CreateAssertionResponse(b.p.rp, b.p.auth, b.p.cred, *options)
	if sealed, err = sealedFor(w.box, at+"/key", url.Values{"answer": {answer}}); err != nil {
		return "", err
	}
	text, err = b.reads(ctx, http.MethodPost, at+"/key", sealed)
	if err != nil {
		return "", err
	}
	back := page.OnwardOf(string(text))
	u, err := url.Parse(back)
	if err != nil || u.Query().Get("code") == "" {
		return "", fmt.Errorf("came back without a code: %s", back)
	}
	return u.Query().Get("code"), nil
}

// look fetches a page, where pages are measured too.
func (w *world) look(ctx context.Context, b *browser, at string) error {
	if !w.pages {
		return nil
	}
	_, err := b.reads(ctx, http.MethodGet, at, nil)
	return err
}

// serve does what the service does with the code.
func (w *world) serve(ctx context.Context, b *browser, code, verifier, nonce string) error {
	now := time.Now().Unix()
	assertion, err := jwt.Sign(w.key, "JWT", map[string]any{
		"iss": clientID, "sub": clientID, "aud": b.t.issuer + cis2.TokenPath, "jti": random.ID(), "iat": now,
		"exp": now + 180,
	})
	if err != nil {
		return err
	}
	text, err := b.reads(ctx, http.MethodPost, cis2.Realm+cis2.TokenPath, url.Values{
		"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {callback}, "code_verifier": {verifier},
		"client_id": {clientID}, "client_assertion_type": {jwt.AssertionType}, "client_assertion": {assertion},
	})
	if err != nil {
		return err
	}
	var tokens struct {
		Access string `json:"access_token"`
		ID     string `json:"id_token"`
	}
	if err := json.Unmarshal(text, &tokens); err != nil {
		return fmt.Errorf("tokens: %w", err)
	}
	id, err := jwt.Verify(ctx, tokens.ID, b.t.keys, jwt.Expect{
		Algorithms: []jwt.Algorithm{w.algorithm}, Types: []string{"JWT"},
	})
	if err != nil {
		return err
	}
	claims, err := id.Claims()
	if err != nil {
		return err
	}
	var own struct {
		Nonce string `json:"nonce"`
	}
	if err := id.Decode(&own); err != nil || claims.Issuer != b.t.issuer || own.Nonce != nonce {
		return fmt.Errorf("ID token of %s with nonce %s: %w", claims.Issuer, own.Nonce, err)
	}
	info, err := b.reads(ctx, http.MethodGet, cis2.Realm+cis2.UserInfoPath, nil,
		"Authorization", "Bearer "+tokens.Access)
	if err == nil && !bytes.Contains(info, []byte(`"sub":"`+claims.Subject+`"`)) {
		err = errors.New("userinfo is another's")
	}
	return err
}
