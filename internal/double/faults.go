package double

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"signpost/internal/careid/provider/key"
	"signpost/internal/national/cis2"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/jwt"
)

// The faults that can be switched on. None of them is known to the provider: they are made of what goes in
// and of what comes out, and a refusal is the provider's own answer to a request that was spoilt.
const (
	slow          = "slow"             // answers come late
	keyRotated    = "key-rotated"      // the next ID token is signed by a key that was not published before
	emptyRole     = "empty-role"       // selected_roleid is an empty text
	noEmail       = "no-email"         // there is no email in userinfo
	numberLevels  = "number-levels"    // the levels are numbers where CIS2 gives texts
	codeExpired   = "code-expired"     // a code is over when it is exchanged
	keysDown      = "keys-unreachable" // the key set answers 503
	userInfo401   = "userinfo-401"     // userinfo takes no access token
	invalidClient = "invalid-client"   // the token endpoint believes no client
)

// faultNames lists them with the endpoint that each is seen at; slow may be at any.
var faultNames = []string{
	slow, keyRotated, emptyRole, noEmail, numberLevels, codeExpired, keysDown, userInfo401, invalidClient,
}

// Fault is one that is on.
type Fault struct {
	Name     string `json:"fault"`
	Endpoint string `json:"endpoint,omitempty"` // of slow; every one if empty
	Millis   int    `json:"ms,omitempty"`       // of slow
	Times    int    `json:"times,omitempty"`    // it is off again after spoiling so many answers; until it is switched off if 0
}

// maxDelay bounds how late an answer can be made, in milliseconds: the server gives up after 30 seconds.
const maxDelay = 25_000

func (f Fault) check() error {
	switch {
	case !slices.Contains(faultNames, f.Name):
		return fault.OfField("fault", "There is no such fault. Use one of "+strings.Join(faultNames, ", "))
	case f.Times < 0:
		return fault.OfField("times", "Enter how many answers it spoils, or leave it out")
	case f.Name == slow && (f.Millis <= 0 || f.Millis > maxDelay):
		return fault.OfField("ms", fmt.Sprintf("Enter by how many milliseconds answers are late, from 1 to %d",
			maxDelay))
	case f.Name != slow && (f.Millis != 0 || f.Endpoint != ""):
		return fault.OfField("endpoint", "Only the fault slow has an endpoint and ms. Take them out")
	}
	for _, name := range endpoints {
		if f.Endpoint == name || f.Endpoint == "" || f.Endpoint == "page" {
			return nil
		}
	}
	return fault.OfField("endpoint", "There is no such endpoint. Use authorize, par, token, introspect, revoke, "+
		"userinfo, keys, discovery, end-session or page")
}

// faults are those that are on. There is one of each name.
type faults struct {
	mu   sync.Mutex
	list []Fault
}

func (f *faults) on(one Fault) {
	f.off(one.Name)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.list = append(f.list, one)
}

// off switches one off; all if it has no name.
func (f *faults) off(name string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.list = slices.DeleteFunc(f.list, func(one Fault) bool { return name == "" || one.Name == name })
}

func (f *faults) all() []Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]Fault{}, f.list...)
}

// take says whether a fault is on for an endpoint, and counts it.
func (f *faults) take(name, endpoint string) (Fault, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	i := slices.IndexFunc(f.list, func(one Fault) bool {
		return one.Name == name && (one.Endpoint == "" || one.Endpoint == endpoint)
	})
	if i < 0 {
		return Fault{}, false
	}
	one := f.list[i]
	if one.Times == 1 {
		f.list = slices.Delete(f.list, i, i+1)
	} else if one.Times > 1 {
		f.list[i].Times--
	}
	return one, true
}

// delay makes an answer late.
func (d *Double) delay(ctx context.Context, at string) error {
	one, on := d.faults.take(slow, at)
	if !on {
		return nil
	}
	return d.o.Wait(ctx, time.Duration(one.Millis)*time.Millisecond)
}

// refuseInstead answers in the provider's place where the fault is that it does not answer.
func (d *Double) refuseInstead(a *answered, at string) bool {
	if at != "keys" {
		return false
	}
	if _, on := d.faults.take(keysDown, at); !on {
		return false
	}
	http.Error(a, "The key set cannot be reached.", http.StatusServiceUnavailable)
	return true
}

// spoilRequest changes what the provider is asked, so that it refuses by itself. A request is spoilt in one
// way: what would not be seen behind a refusal waits for the next request.
func (d *Double) spoilRequest(r *http.Request, at string, body []byte) *http.Request {
	on := func(name string) bool {
		_, on := d.faults.take(name, at)
		return on
	}
	switch {
	case at == "userinfo" && on(userInfo401):
		spoilt := withForm(r, body, func(form url.Values) { form.Del("access_token") })
		spoilt.Header.Set("Authorization", "Bearer not-a-token-of-this-double")
		return spoilt
	case at == "token" && on(invalidClient):
		spoilt := withForm(r, body, spoilProof)
		if spoilt.Header.Get("Authorization") != "" {
			spoilt.Header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte("nobody:nothing")))
		}
		return spoilt
	case at == "token" && on(codeExpired):
		return withForm(r, body, func(form url.Values) { form.Set("code", "expired-"+form.Get("code")) })
	case at == "token" && on(keyRotated):
		d.rotate(r.Context())
	}
	return r
}

func spoilProof(form url.Values) {
	for _, name := range []string{"client_secret", "client_assertion"} {
		if form.Has(name) {
			form.Set(name, form.Get(name)+"x")
		}
	}
}

// withForm copies a request with a form that was changed.
func withForm(r *http.Request, body []byte, change func(url.Values)) *http.Request {
	r = r.Clone(r.Context())
	form, err := url.ParseQuery(string(body))
	if err != nil || !strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		r.Body = io.NopCloser(bytes.NewReader(body))
		return r
	}
	change(form)
	text := form.Encode()
	r.Body = io.NopCloser(strings.NewReader(text))
	r.ContentLength = int64(len(text))
	return r
}

// rotate lets a new key sign that nobody was told of. The old one stays in the set.
func (d *Double) rotate(ctx context.Context) {
	if err := d.provider.Keys().ReplaceAtOnce(ctx, by, key.Algorithms...); err != nil {
		d.o.Log.Error("rotate keys: " + err.Error())
	}
}

// spoilAnswer changes the claims of an answer that gives some.
func (d *Double) spoilAnswer(a *answered, at string) error {
	if a.status != http.StatusOK || at != "token" && at != "userinfo" {
		return nil
	}
	changes := d.changes(at)
	if len(changes) == 0 {
		return nil
	}
	body := a.body.Bytes()
	spoilt, err := d.spoilBody(at, a.header.Get("Content-Type"), body, func(claims map[string]json.RawMessage) {
		for _, change := range changes {
			change(claims)
		}
	})
	if err != nil {
		return err
	}
	a.body.Reset()
	a.body.Write(spoilt)
	return nil
}

// changes gives what the faults that are on do to claims at an endpoint.
func (d *Double) changes(at string) (list []func(map[string]json.RawMessage)) {
	for _, one := range []struct {
		name, at string
		change   func(map[string]json.RawMessage)
	}{
		{emptyRole, "token", withoutRole}, {noEmail, "userinfo", withoutEmail}, {numberLevels, "", asNumbers},
	} {
		if one.at != "" && one.at != at {
			continue
		}
		if _, on := d.faults.take(one.name, at); on {
			list = append(list, one.change)
		}
	}
	return list
}

func withoutRole(claims map[string]json.RawMessage) { claims[cis2.SelectedRoleClaim] = []byte(`""`) }

func withoutEmail(claims map[string]json.RawMessage) {
	for _, name := range cis2.EmailClaims {
		delete(claims, name)
	}
}

// asNumbers gives the levels as some services' types expect them, and CIS2 does not send them.
func asNumbers(claims map[string]json.RawMessage) {
	for _, name := range []string{
		cis2.AuthenticationLevelClaim, cis2.IdentityLevelClaim, cis2.OlderIdentityLevelClaim,
	} {
		var text string
		if json.Unmarshal(claims[name], &text) != nil {
			continue
		}
		if _, err := strconv.Atoi(text); err == nil {
			claims[name] = []byte(text)
		}
	}
}

// spoilBody changes the claims in a body and signs again what was signed.
func (d *Double) spoilBody(at, kind string, body []byte, change func(map[string]json.RawMessage)) ([]byte, error) {
	if strings.HasPrefix(kind, "application/jwt") {
		token, err := d.signAgain(string(body), change)
		return []byte(token), err
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(body, &members); err != nil {
		return nil, fmt.Errorf("read answer: %w", err)
	}
	if at == "userinfo" {
		change(members)
		return json.Marshal(members)
	}
	var text string
	if err := json.Unmarshal(members["id_token"], &text); err != nil {
		return nil, fmt.Errorf("read ID token: %w", err)
	}
	token, err := d.signAgain(text, change)
	if err != nil {
		return nil, err
	}
	members["id_token"] = []byte(strconv.Quote(token))
	return json.Marshal(members)
}

func (d *Double) signAgain(text string, change func(map[string]json.RawMessage)) (string, error) {
	token, err := jwt.Unverified(text)
	if err != nil {
		return "", err
	}
	var claims map[string]json.RawMessage
	if err := token.Decode(&claims); err != nil {
		return "", err
	}
	change(claims)
	signing, there := d.provider.Keys().For(token.Algorithm)
	if !there {
		return "", fmt.Errorf("there is no %s key to sign with", token.Algorithm)
	}
	return jwt.Sign(signing, "JWT", claims)
}
