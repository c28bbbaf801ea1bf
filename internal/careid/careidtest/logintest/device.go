package logintest

import (
	"crypto/x509"
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/careidtest/makertest"
	"signpost/internal/careid/login"
	"signpost/internal/national/authn"
	"signpost/internal/platform/db"
	"signpost/internal/platform/job/jobtest"
	"signpost/internal/platform/mail"
	"signpost/internal/platform/web"
	"signpost/internal/platform/worldtest"

	"github.com/descope/virtualwebauthn"
	"github.com/prometheus/client_golang/prometheus"
)

// Device is a security key or a platform authenticator of a person.
type Device struct {
	RelyingParty  virtualwebauthn.RelyingParty
	Authenticator virtualwebauthn.Authenticator
	Credential    virtualwebauthn.Credential

	Model *makertest.Model           // whose maker attests it; nil for none
	Spoil func(*makertest.Statement) // changes the attestation once it is signed; nil for no change
}

// NewDevice makes a device with a credential, which its maker attests.
func NewDevice() *Device {
	d := NewUnattested()
	d.MadeAs(keyModel)
	return d
}

// MadeAs has a device be of a model.
func (d *Device) MadeAs(m makertest.Model) {
	d.Model = &m
	d.Authenticator.Aaguid = m.AAGUID
}

// Manage starts the login service anew, with the managements of devices that its operator names; nil for none.
func (w *World) Manage(roots *x509.CertPool) {
	w.Helper()
	w.ground.ManagedDevices = roots
	w.Options.Ways = worldtest.Must(login.NewWays(w.ground))(w)
	w.Options.Metrics = web.NewMetrics(prometheus.NewRegistry())
	w.Site = login.New(w.Options)
}

// NewUnattested makes a device with a credential that nobody but itself speaks for.
func NewUnattested() *Device {
	return &Device{
		RelyingParty:  virtualwebauthn.RelyingParty{ID: "cis2.localhost", Name: "Care Identity", Origin: origin},
		Authenticator: virtualwebauthn.NewAuthenticator(), Credential: newCredential(),
	}
}

// newCredential makes a credential whose public key has both coordinates at full length: the library
// leaves leading zeros out, which no real authenticator does.
func newCredential() virtualwebauthn.Credential {
	const full = 77 // bytes of the COSE key
	for {
		if c := virtualwebauthn.NewCredential(virtualwebauthn.KeyTypeEC2); len(c.Key.AttestationData()) == full {
			return c
		}
	}
}

// Invite makes a link by which a care identity binds an authenticator of one of the kinds, and gives its path.
func (w *World) Invite(uuid string, kinds ...authn.Kind) string {
	w.Helper()
	return worldtest.Must(db.Write(w.Context(), w.DB, Desk, func(dw *db.W) (string, error) {
		return authenticator.Invite(w.Context(), dw, uuid, kinds...)
	}))(w)
}

// BindPages walks through the binding pages up to the last and returns its address.
func (w *World) BindPages(b *Browser, uuid, address string, kind authn.Kind) string {
	w.Helper()
	path := w.Invite(uuid, kind)
	at := b.Send(path, "email", address)
	b.Send(at+"/code", "code", w.Mailed(address))
	return at
}

// Mailed returns the code of the newest mail to an address.
func (w *World) Mailed(address string) string {
	w.Helper()
	jobtest.Settle(w, w.Jobs)
	newest := mail.Arrival{}
	for _, m := range w.Mails.To(address) {
		if m.Kind == "authenticator.code" && m.ID > newest.ID {
			newest = m
		}
	}
	_, rest, found := strings.Cut(newest.Text, "Your code is ")
	if !found {
		w.Fatalf("no code was mailed to %s", address)
	}
	code, _, _ := strings.Cut(rest, "\n")
	return code
}

// BindDevice binds a device to the person.
func (w *World) BindDevice(d *Device, kind authn.Kind) {
	w.Helper()
	b := w.Browser()
	at := w.BindPages(b, w.UUID, "Ada@example.nhs.uk", kind)
	if to := b.Send(at+"/key", "answer", b.Register(at, d)); to != "/authenticator-added" {
		w.Fatalf("binding ended at %s", to)
	}
}

// Register answers the challenge of a binding.
func (b *Browser) Register(at string, d *Device) string {
	b.World.Helper()
	options := Text(b.Do("POST", at+"/options", url.Values{}))
	parsed := worldtest.Must(virtualwebauthn.ParseAttestationOptions(options))(b.World)
	var user struct {
		PublicKey struct{ User struct{ ID string } }
	}
	worldtest.Check(b.World, json.Unmarshal([]byte(options), &user))
	d.Authenticator.Options.UserHandle = unbase64(b.World, user.PublicKey.User.ID)
	answer := virtualwebauthn.CreateAttestationResponse(d.RelyingParty, d.Authenticator, d.Credential, *parsed)
	if d.Model == nil {
		return answer
	}
	return worldtest.Must(d.Model.Attest(answer, d.Spoil))(b.World)
}

// Touch answers the challenge of a sign-in.
func (b *Browser) Touch(at string, d *Device) string {
	b.World.Helper()
	return b.TouchFor(at, "", d)
}

// TouchFor answers the challenge by which the page of the choice asks for a kind of authenticator.
func (b *Browser) TouchFor(at string, kind authn.Kind, d *Device) string {
	b.World.Helper()
	options := Text(b.Do("POST", at+"/options", Values("authenticator", string(kind))))
	parsed := worldtest.Must(virtualwebauthn.ParseAssertionOptions(options))(b.World)
	return virtualwebauthn.CreateAssertionResponse(d.RelyingParty, d.Authenticator, d.Credential, *parsed)
}

// SignIn walks through a whole sign-in with a security key and returns the address that the browser ends at.
func (b *Browser) SignIn(q url.Values, d *Device) *url.URL {
	b.World.Helper()
	return worldtest.Must(url.Parse(b.Prove(b.Begin(q), d)))(b.World)
}

// Prove proves on the pages of a sign-in that has begun who somebody is, and gives where the answer leads.
func (b *Browser) Prove(at string, d *Device) string {
	b.World.Helper()
	b.Send(at+"/authenticator", "authenticator", string(authn.SecurityKey))
	return b.Send(at+"/key", "answer", b.Touch(at, d))
}

// WithKey makes a world whose person has a security key.
func WithKey(t testing.TB) (*World, *Device) {
	t.Helper()
	w := Open(t)
	key := NewDevice()
	w.BindDevice(key, authn.SecurityKey)
	return w, key
}
