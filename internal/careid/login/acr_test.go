package login_test

import (
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"signpost/internal/careid/careidtest/credentialtest"
	"signpost/internal/careid/careidtest/logintest"
	"signpost/internal/careid/careidtest/makertest"
	"signpost/internal/careid/organisation"
	"signpost/internal/careid/population"
	"signpost/internal/national/authn"
	"signpost/internal/platform/worldtest"
)

// told is what an ID token says of how somebody logged in; empty where there is none.
type told struct{ acr, amr, level, identity string }

// askedFor are the values of acr_values that are tried, with the class that applies; "-" for none.
var askedFor = map[string]string{
	"-": "AAL3_ANY", "AAL3_ANY": "AAL3_ANY", "AAL2_OR_AAL3_ANY": "AAL2_OR_AAL3_ANY", "AAL2_ANY": "AAL2_ANY",
	"AAL3_N3_SMARTCARD": "AAL3_N3_SMARTCARD", "AAL3_CIS2_SMARTCARD": "AAL3_CIS2_SMARTCARD",
	"AAL3_SMARTCARD": "AAL3_SMARTCARD", "AAL3_IOS": "AAL3_IOS", "AAL3_FIDO2": "AAL3_FIDO2",
	"AAL2_PASSKEY": "AAL2_PASSKEY", "AAL2_TOTP": "AAL2_TOTP", "AAL2_NHSMAIL": "AAL2_NHSMAIL",
	"AAL2_ANY AAL3_ANY": "AAL2_ANY", "AAL9_ANY AAL3_FIDO2": "AAL3_FIDO2", "AAL1_USERPASS": "", "AAL2_FIDO2": "",
}

// way is a way to log in, with all that a service may be told of it.
type way struct {
	name  string
	kind  authn.Kind
	zone  string // the address of the browser; empty for anywhere
	amr   string
	level string
	meets []string // classes; no other is met
	uuid  string   // of whose authenticator it is
	prove func(b *logintest.Browser, at string) *http.Response
}

// anyAAL3 and anyAAL2 are classes that authenticators of a level meet.
func anyAAL3(more ...string) []string {
	return append([]string{"AAL3_ANY", "AAL2_OR_AAL3_ANY"}, more...)
}
func anyAAL2(more ...string) []string {
	return append([]string{"AAL2_ANY", "AAL2_OR_AAL3_ANY"}, more...)
}

// acrWorld is a world in which somebody has every authenticator at every level that it can have.
type acrWorld struct {
	*world

	ways []way
	bo   string // the person who has what nobody has two of
}

func openACR(t *testing.T) *acrWorld {
	t.Helper()
	w := &acrWorld{world: open(t)}
	const bos = "bo@example.nhs.uk"
	w.bo = w.Person(population.Person{
		GivenName: "Bo", FamilyName: "Example", Organisation: "FXX01", Email: bos, EmailVerified: true,
	}).ID
	hello := [16]byte{8, 0x98, 0x70, 0x58, 0xca, 0xdc, 0x4b, 0x81, 0xb6, 0xe1, 0x30, 0xde, 0x50, 0xdc, 0xbe, 0x96}
	root := credentialtest.NewRoot("Maker")
	managed := x509.NewCertPool()
	managed.AddCert(root.Certificate)
	w.Manage(managed)
	keys, fleet := [16]byte{1}, [16]byte{2}
	w.PublishEntries(2, modelEntry(root, keys, "basic_full"), modelEntry(root, hello, "attca"))
	cards := w.Cards()
	card := cards.Person("Ada Example", nil)
	w.BindCard(cards, card)
	w.Site = w.LegacySite()
	chip := credentialtest.TPM(root.Identity(credentialtest.NewKey(credentialtest.RS256)), nil)
	maker, management := credentialtest.Packed(root.Batch(keys)), credentialtest.Packed(root.Batch(fleet))
	byCard := func(b *logintest.Browser, at string) *http.Response { return b.UseCard(cards, at, &card) }
	w.add("smartcard, the old way", authn.SmartcardHSCN, "N3_SMARTCARD", "3",
		anyAAL3("AAL3_N3_SMARTCARD", "AAL3_SMARTCARD"), byCard)
	w.ways[0].zone = logintest.LegacyAddress
	w.add("smartcard", authn.SmartcardInternet, "CIS2_SMARTCARD", "3",
		anyAAL3("AAL3_CIS2_SMARTCARD", "AAL3_SMARTCARD"), byCard)
	w.addKey(t, "security key", authn.SecurityKey, keys, maker, "FIDO2", "3", anyAAL3("AAL3_FIDO2"))
	w.addKey(t, "security key, by itself", authn.SecurityKey, keys, credentialtest.Self, "FIDO2", "2", anyAAL2())
	w.addKey(t, "Windows Hello", authn.WindowsHello, hello, chip, "FIDO2", "3", anyAAL3("AAL3_FIDO2"))
	w.addKey(t, "Windows Hello, by nobody", authn.WindowsHello, hello, credentialtest.None, "FIDO2", "2", anyAAL2())
	w.addKey(t, "iPad", authn.IPad, fleet, management, "IOS", "3", anyAAL3("AAL3_IOS"))
	w.addKey(t, "passkey", authn.Passkey, [16]byte{}, credentialtest.None, "PASSKEY", "2", anyAAL2("AAL2_PASSKEY"))
	w.BindApp(t)
	w.add("authenticator app", authn.AuthenticatorApp, "TOTP", "2", anyAAL2("AAL2_TOTP"), w.byApp)
	w.BindAccount()
	w.add("NHS.net Connect", authn.NHSMail, "NHSMAIL", "2", anyAAL2("AAL2_NHSMAIL"),
		func(b *logintest.Browser, at string) *http.Response {
			return b.ComeBack(b.Connect(at, w.NHSNet, "nhsnet"))
		})
	ada := w.UUID
	w.UUID = w.bo
	w.addKey(t, "iPad, by nobody", authn.IPad, fleet, credentialtest.None, "IOS", "2", anyAAL2())
	w.UUID = ada
	return w
}

// modelEntry is what the metadata says of a model that is certified highly.
func modelEntry(root *credentialtest.Certificate, aaguid [16]byte, attestation string) map[string]any {
	model := makertest.Model{AAGUID: aaguid, Root: &makertest.Certificate{Certificate: root.Certificate}}
	entry := model.Entry(certified("L2", "2024-01-01"))
	if statement, is := entry["metadataStatement"].(map[string]any); is {
		statement["attestationTypes"] = []string{attestation}
	}
	return entry
}

func (w *acrWorld) add(
	name string, kind authn.Kind, amr, level string, meets []string,
	prove func(*logintest.Browser, string) *http.Response,
) {
	w.ways = append(w.ways, way{
		name: name, kind: kind, amr: amr, level: level, meets: meets, uuid: w.UUID, prove: prove,
	})
}

// addKey binds what a browser reaches, and adds it.
func (w *acrWorld) addKey(
	t *testing.T, name string, kind authn.Kind, aaguid [16]byte, attest credentialtest.Attest, amr, level string,
	meets []string,
) {
	t.Helper()
	d := credentialtest.New("cis2.localhost", "http://cis2.localhost:8080", aaguid, credentialtest.ES256)
	b := w.Browser()
	address := adasAddress
	if w.UUID == w.bo {
		address = "bo@example.nhs.uk"
	}
	at := w.BindPages(b, w.UUID, address, kind)
	challenge, handle := asked(t, b, at)
	d.Handle = handle
	to := b.Send(at+"/key", "answer", d.Create(challenge, attest, credentialtest.Spoil{}))
	if to != "/authenticator-added" {
		t.Fatalf("%s: binding ended at %s", name, to)
	}
	w.add(name, kind, amr, level, meets, func(b *logintest.Browser, at string) *http.Response {
		challenge, _ := asked(t, b, at)
		return b.Do(http.MethodPost, at+"/key", logintest.Values("answer", d.Use(challenge, credentialtest.Spoil{})))
	})
}

// asked gives the challenge for the browser, and whose credential is to be made.
func asked(t *testing.T, b *logintest.Browser, at string) (challenge string, handle []byte) {
	t.Helper()
	var options struct {
		PublicKey struct {
			Challenge string
			User      struct{ ID string }
		}
	}
	text := logintest.Text(b.Do(http.MethodPost, at+"/options", url.Values{}))
	worldtest.Check(t, json.Unmarshal([]byte(text), &options))
	handle, err := base64.RawURLEncoding.DecodeString(options.PublicKey.User.ID)
	worldtest.Check(t, err)
	return options.PublicKey.Challenge, handle
}

// byApp proves by the app, whose codes are good once.
func (w *acrWorld) byApp(b *logintest.Browser, at string) *http.Response {
	w.Clock.Advance(31 * time.Second)
	b.Send(at+"/password", "email", adasAddress, "password", logintest.GoodPass)
	return b.Do(http.MethodPost, at+"/code", logintest.Values("code", w.AppCode(w)))
}

// logIn logs in one way, asked for some classes, from an address; empty for anywhere.
func (w *acrWorld) logIn(t *testing.T, y way, classes, from string) told {
	t.Helper()
	b := w.Browser()
	if from != "" {
		b.Address = from
	}
	request := logintest.Request("acr_values", classes)
	at := b.Get(logintest.Realm + "/authorize?" + request.Encode()).Header.Get("Location")
	if !strings.HasPrefix(at, "/sign-in/") {
		return told{}
	}
	chosen := b.Do(http.MethodPost, at+"/authenticator", logintest.Values("authenticator", string(y.kind)))
	if chosen.StatusCode != http.StatusSeeOther {
		return told{}
	}
	to := worldtest.Must(url.Parse(y.prove(b, at).Header.Get("Location")))(t)
	if !to.Query().Has("code") {
		return told{}
	}
	claims := w.IDClaims(w.Redeem(to.Query().Get("code")).IDToken)
	if claims["sub"] != y.uuid {
		t.Errorf("%s: logged in as %v", y.name, claims["sub"])
	}
	return told{
		fmt.Sprint(claims["acr"]), strings.Join(logintest.List(claims["amr"]), " "),
		fmt.Sprint(claims["authentication_assurance_level"]), fmt.Sprint(claims["id_assurance_level"]),
	}
}

// W25: what the ID token says of how somebody logged in, over every authenticator at every level, every class that a
// service may ask for, what the organisation approves and the network. It says no more than what happened.
func TestWhatServicesAreToldOfALogin(t *testing.T) {
	w := openACR(t)
	tries, tokens := 0, 0
	try := func(y way, classes, from string, approved bool) bool {
		want := told{}
		class := askedFor[classes]
		inZone := y.zone == "" || y.zone == from
		if approved && inZone && slices.Contains(y.meets, class) {
			want = told{class, y.amr, y.level, "3"}
			tokens++
		}
		tries++
		got := w.logIn(t, y, classes, from)
		if got != want {
			t.Errorf("%s, asked for %s, from %q, approved %v: told %+v, want %+v",
				y.name, classes, from, approved, got, want)
		}
		return want != told{}
	}
	for _, y := range w.ways {
		var met []string
		for classes := range askedFor {
			if try(y, classes, y.zone, true) {
				met = append(met, classes)
			}
		}
		slices.Sort(met)
		try(y, "AAL2_OR_AAL3_ANY", "", true)
		try(y, "AAL2_OR_AAL3_ANY", logintest.LegacyAddress, true)
		worldtest.Table("acr", fmt.Sprintf(
			"%-26s amr %-14s level %s  %s", y.name, y.amr, y.level, strings.Join(met, ", ")))
	}
	for _, kind := range authn.Kinds() {
		others := slices.DeleteFunc(authn.Kinds(), func(k authn.Kind) bool { return k == kind })
		for _, approved := range []bool{true, false} {
			policy := organisation.Policy{Kinds: others}
			if approved {
				policy.Kinds = []authn.Kind{kind}
			}
			w.decides("FXX01", policy)
			for _, y := range w.ways {
				if y.kind == kind {
					try(y, "AAL2_OR_AAL3_ANY", y.zone, approved)
				}
			}
		}
	}
	worldtest.Table("acr", fmt.Sprintf("%d logins tried, %d ID tokens, each exact", tries, tokens))
	if tokens == 0 {
		t.Error("nobody was logged in")
	}
}
