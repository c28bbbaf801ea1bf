package jwt

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	strict "github.com/go-jose/go-jose/v4/json"
)

// Mismatch is a claim or header that is not what it should be. Its words are for an operator's log.
type Mismatch struct{ Claim, Want, Got string }

// Error says what was expected and what was received.
func (m *Mismatch) Error() string {
	got := fmt.Sprintf("received %.200q", m.Got)
	if m.Got == "" {
		got = "received none"
	}
	return fmt.Sprintf("token's %s: expected %s, %s", m.Claim, m.Want, got)
}

// Audience is whom a token is for: one string, or an array.
type Audience struct {
	Names []string
	Array bool // it was written as an array
}

// UnmarshalJSON reads either form.
func (a *Audience) UnmarshalJSON(text []byte) error {
	var one string
	if strict.Unmarshal(text, &one) == nil {
		*a = Audience{Names: []string{one}}
		return nil
	}
	a.Array = true
	if err := strict.Unmarshal(text, &a.Names); err != nil {
		return errors.New("aud is neither a string nor an array of strings")
	}
	return nil
}

// Claims are the claims that every kind of token may have. A time that is absent is zero.
type Claims struct {
	Issuer, Subject, ID          string
	Audience                     Audience
	Expires, NotBefore, IssuedAt time.Time
}

// Claims reads the registered claims.
func (t Token) Claims() (Claims, error) {
	var raw struct {
		Issuer    string   `json:"iss"`
		Subject   string   `json:"sub"`
		ID        string   `json:"jti"`
		Audience  Audience `json:"aud"`
		Expires   *float64 `json:"exp"`
		NotBefore *float64 `json:"nbf"`
		IssuedAt  *float64 `json:"iat"`
	}
	if err := t.Decode(&raw); err != nil {
		return Claims{}, err
	}
	return Claims{
		Issuer: raw.Issuer, Subject: raw.Subject, ID: raw.ID, Audience: raw.Audience,
		Expires: at(raw.Expires), NotBefore: at(raw.NotBefore), IssuedAt: at(raw.IssuedAt),
	}, nil
}

func at(seconds *float64) time.Time {
	if seconds == nil {
		return time.Time{}
	}
	// A time out of all reason is kept within what arithmetic on times can bear.
	return time.Unix(int64(max(0, min(*seconds, 1<<40))), 0).UTC()
}

// Form is how an audience may be written.
type Form int

// The forms, from the strictest.
const (
	OneString  Form = iota // a string
	OneName                // a string, or an array of exactly one
	AmongNames             // an array of several will do
)

// Rules say what claims must be.
type Rules struct {
	Issuer       string
	Audience     []string // any one of these
	AudienceForm Form
	Now          time.Time
	Leeway       time.Duration // by which clocks may differ
	MaxLife      time.Duration // it may expire no later than this from now; zero for no limit
	EndsWithin   time.Duration // it must expire sooner than this from now, whatever the leeway; zero for no limit
	NeedIssuedAt bool
	NeedID       bool
}

// Check holds claims to rules. The first thing wrong is the error, a *Mismatch. A token always has to
// expire.
func (c Claims) Check(r Rules) error {
	if c.Issuer != r.Issuer {
		return &Mismatch{"iss", fmt.Sprintf("%q", r.Issuer), c.Issuer}
	}
	if !r.heard(c.Audience) {
		return &Mismatch{"aud", r.expected(), strings.Join(c.Audience.Names, " ")}
	}
	if r.NeedID && c.ID == "" {
		return &Mismatch{"jti", "an id", ""}
	}
	return c.checkTimes(r)
}

func (c Claims) checkTimes(r Rules) error {
	switch {
	case !c.Expires.After(r.Now.Add(-r.Leeway)):
		return &Mismatch{"exp", "a time after " + stamp(r.Now), stamp(c.Expires)}
	case r.MaxLife > 0 && c.Expires.After(r.Now.Add(r.MaxLife+r.Leeway)):
		return &Mismatch{"exp", "a time before " + stamp(r.Now.Add(r.MaxLife)), stamp(c.Expires)}
	case r.EndsWithin > 0 && !c.Expires.Before(r.Now.Add(r.EndsWithin)):
		return &Mismatch{"exp", "a time before " + stamp(r.Now.Add(r.EndsWithin)), stamp(c.Expires)}
	case c.NotBefore.After(r.Now.Add(r.Leeway)):
		return &Mismatch{"nbf", "a time before " + stamp(r.Now), stamp(c.NotBefore)}
	case c.IssuedAt.After(r.Now.Add(r.Leeway)):
		return &Mismatch{"iat", "a time before " + stamp(r.Now), stamp(c.IssuedAt)}
	case r.NeedIssuedAt && c.IssuedAt.IsZero():
		return &Mismatch{"iat", "a time", ""}
	}
	return nil
}

func (r Rules) heard(a Audience) bool {
	if a.Array && r.AudienceForm == OneString || len(a.Names) > 1 && r.AudienceForm != AmongNames {
		return false
	}
	return slices.ContainsFunc(a.Names, func(name string) bool { return slices.Contains(r.Audience, name) })
}

func (r Rules) expected() string {
	form := map[Form]string{OneString: " as one string", OneName: " alone", AmongNames: ""}[r.AudienceForm]
	return fmt.Sprintf("%q%s", r.Audience, form)
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
