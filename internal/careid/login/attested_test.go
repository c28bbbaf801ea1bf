package login_test

import (
	"crypto/x509"
	"net/http"
	"strings"
	"testing"
	"time"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/careidtest/logintest"
	"signpost/internal/careid/careidtest/makertest"
	"signpost/internal/national/authn"
	"signpost/internal/platform/certificate/certificatetest"
	"signpost/internal/platform/db"
	"signpost/internal/platform/worldtest"
)

// certified says that a model is certified at a level from a day on.
func certified(level, from string) makertest.Status {
	return makertest.Status{Status: "FIDO_CERTIFIED_" + level, EffectiveDate: from}
}

// only gives the one authenticator of the person.
func (w *world) only(t *testing.T) authenticator.Authenticator {
	t.Helper()
	list := worldtest.Must(db.Read(t.Context(), w.DB, func(r db.R) ([]authenticator.Authenticator, error) {
		return authenticator.OfIdentity(t.Context(), r, w.UUID)
	}))(t)
	if len(list) != 1 {
		t.Fatalf("%d authenticators", len(list))
	}
	return list[0]
}

// mustBe fails unless the person's one authenticator has a level, for a reason, and a login with it says the same.
func (w *world) mustBe(t *testing.T, d *logintest.Device, level authn.Level, why authn.Why) {
	t.Helper()
	if a := w.only(t); a.Level != level || a.Why != why {
		t.Errorf("%s, %q; want %s, %q", a.Level, a.Why, level, why)
	}
	tokens := w.Redeem(w.Browser().SignIn(logintest.Request(), d).Query().Get("code"))
	if got := w.IDClaims(tokens.IDToken)["authentication_assurance_level"]; got != level.Claim() {
		t.Errorf("a login with it says %v, want %s", got, level.Claim())
	}
}

// W19, W20: a security key is AAL3 where its maker attests it and its model is certified, and AAL2 everywhere else.
func TestOnlyAttestedKeysAreAAL3(t *testing.T) {
	model := logintest.KeyModel()
	others := worldtest.Must(makertest.New("Root", nil, nil))(t) // of the same name as the maker's own
	forged := worldtest.Must(makertest.NewModel("Test key", others))(t)
	forged.AAGUID = model.AAGUID
	forged.Batch = worldtest.Must(makertest.New("Test key batch", others, describedAs(model)))(t)
	unlisted := worldtest.Must(makertest.NewModel("Another key", logintest.MakersRoot))(t)
	for name, tt := range map[string]struct {
		change   func(*logintest.Device)
		statuses []makertest.Status
		level    authn.Level
		why      authn.Why
	}{
		"certified at level 2": {nil, []makertest.Status{certified("L2", "2024-01-01")}, authn.AAL3, ""},
		"certified at level 1": {nil, []makertest.Status{certified("L1", "2024-01-01")}, authn.AAL2, authn.NotCertified},
		"certified higher later": {nil,
			[]makertest.Status{certified("L1", "2024-01-01"), certified("L3plus", "2026-01-01")}, authn.AAL3, ""},
		"certified lower since": {nil, []makertest.Status{certified("L1", "2026-01-01"), certified("L2", "2024-01-01")},
			authn.AAL2, authn.NotCertified},
		"certified from tomorrow on": {nil, []makertest.Status{certified("L2", "2026-11-25")}, authn.AAL2,
			authn.NotCertified},
		"never certified": {nil, []makertest.Status{{Status: "NOT_FIDO_CERTIFIED"}}, authn.AAL2, authn.NotCertified},
		"retired": {nil, []makertest.Status{certified("L2", "2024-01-01"), {Status: "RETIRED"}}, authn.AAL2,
			authn.NotCertified},
		"revoked": {nil, []makertest.Status{certified("L2", "2024-01-01"), {Status: "REVOKED"}}, authn.AAL2,
			authn.NotCertified},
		"its keys can be read out": {nil, []makertest.Status{{Status: "USER_KEY_PHYSICAL_COMPROMISE"},
			certified("L2", "2024-01-01")}, authn.AAL2, authn.NotCertified},
		"to be revoked next year": {nil, []makertest.Status{certified("L2", "2024-01-01"),
			{Status: "REVOKED", EffectiveDate: "2027-01-01"}}, authn.AAL3, ""},
		"with a status that nobody knows yet": {nil, []makertest.Status{certified("L2", "2024-01-01"),
			{Status: "PRAISED"}}, authn.AAL3, ""},
		"that speaks for itself": {func(d *logintest.Device) { d.Model = nil },
			[]makertest.Status{certified("L2", "2024-01-01")}, authn.AAL2, authn.Unattested},
		"that speaks for itself as a model that may": {func(d *logintest.Device) { d.Model = nil },
			[]makertest.Status{certified("L2", "2024-01-01")}, authn.AAL2, authn.Unattested},
		"whose attestation brings its own root": {func(d *logintest.Device) {
			d.Model = &forged
			d.Spoil = func(s *makertest.Statement) { s.Chain = append(s.Chain, others.Raw) }
		}, []makertest.Status{certified("L2", "2024-01-01")}, authn.AAL2, authn.Unattested},
		"of which nothing is published": {func(d *logintest.Device) { d.MadeAs(unlisted) },
			[]makertest.Status{certified("L2", "2024-01-01")}, authn.AAL2, authn.Unattested},
		"that syncs": {func(d *logintest.Device) { d.Authenticator.Options.BackupEligible = true },
			[]makertest.Status{certified("L2", "2024-01-01")}, authn.AAL2, authn.Synced},
	} {
		t.Run(name, func(t *testing.T) {
			w := open(t)
			entry := model.Entry(tt.statuses...)
			if statement, is := entry["metadataStatement"].(map[string]any); is && strings.HasSuffix(name, "that may") {
				statement["attestationTypes"] = []string{"basic_full", "basic_surrogate"}
			}
			w.PublishEntries(2, entry)
			d := logintest.NewDevice()
			if tt.change != nil {
				tt.change(d)
			}
			w.BindDevice(d, authn.SecurityKey)
			w.mustBe(t, d, tt.level, tt.why)
		})
	}
}

// describedAs has a certificate say that it is of a model.
func describedAs(m makertest.Model) func(*x509.Certificate) {
	return func(c *x509.Certificate) {
		c.Subject = m.Batch.Subject
		c.ExtraExtensions = m.Batch.Extensions[:0:0]
		for _, e := range m.Batch.Extensions {
			if strings.HasPrefix(e.Id.String(), "1.3.6.1.4.1.45724.") {
				c.ExtraExtensions = append(c.ExtraExtensions, e)
			}
		}
	}
}

// W19: an attestation that is spoiled binds nothing at all.
func TestSpoiledAttestationsBindNothing(t *testing.T) {
	other := worldtest.Must(makertest.NewModel("Another key", logintest.MakersRoot))(t)
	authority := worldtest.Must(makertest.New("Test key batch", logintest.MakersRoot, func(c *x509.Certificate) {
		describedAs(logintest.KeyModel())(c)
		c.IsCA = true
	}))(t)
	ended := worldtest.Must(makertest.New("Test key batch", logintest.MakersRoot, func(c *x509.Certificate) {
		describedAs(logintest.KeyModel())(c)
		c.NotAfter = time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	}))(t)
	for name, spoil := range map[string]func(*makertest.Statement){
		"signature of something else":     func(s *makertest.Statement) { s.Signature[len(s.Signature)-1] ^= 1 },
		"no signature":                    func(s *makertest.Statement) { s.Signature = nil },
		"another algorithm":               func(s *makertest.Statement) { s.Algorithm = -257 },
		"an algorithm that nobody knows":  func(s *makertest.Statement) { s.Algorithm = -70000 },
		"certificate of another model":    func(s *makertest.Statement) { s.Chain[0] = other.Batch.Raw },
		"certificate of an authority":     func(s *makertest.Statement) { s.Chain[0] = authority.Raw },
		"certificate that cannot be read": func(s *makertest.Statement) { s.Chain[0] = s.Chain[0][:100] },
		"certificate that ended":          nil,
		"certificate for a large key": func(s *makertest.Statement) {
			by := certificatetest.Issued{Certificate: other.Batch.Certificate, Key: other.Batch.Key}
			s.Chain = append(s.Chain, certificatetest.IssueLarge(t, by, nil).Raw)
		},
		"its root alone": func(s *makertest.Statement) { s.Chain = [][]byte{logintest.MakersRoot.Raw} },
	} {
		t.Run(name, func(t *testing.T) {
			w := open(t)
			d := logintest.NewDevice()
			if name == "certificate that ended" {
				expired := logintest.KeyModel()
				expired.Batch = ended
				d.Model = &expired
			}
			d.Spoil = spoil
			b := w.Browser()
			at := w.BindPages(b, w.UUID, "Ada@example.nhs.uk", authn.SecurityKey)
			res := b.Do("POST", at+"/key", logintest.Values("answer", b.Register(at, d)))
			page := logintest.Text(res)
			if res.StatusCode != http.StatusUnprocessableEntity ||
				!strings.Contains(page, "Your authenticator was not accepted") {
				t.Errorf("%d %s", res.StatusCode, page)
			}
			if n := w.Count(`SELECT COUNT(*) FROM authenticator`); n != 0 {
				t.Errorf("%d authenticators are bound", n)
			}
		})
	}
}

// What is published about a model later reaches the keys that are bound already, both ways, and when a status begins.
func TestLevelsFollowWhatIsPublished(t *testing.T) {
	w := open(t)
	d := logintest.NewDevice()
	w.BindDevice(d, authn.SecurityKey)
	w.mustBe(t, d, authn.AAL3, "")
	w.Publish(2, certified("L2", "2024-01-01"), makertest.Status{Status: "REVOKED"})
	w.mustBe(t, d, authn.AAL2, authn.NotCertified)
	w.Publish(3, certified("L2", "2024-01-01"), makertest.Status{Status: "RETIRED", EffectiveDate: "2026-11-26"})
	w.mustBe(t, d, authn.AAL3, "")
	if n := w.JudgeAgain(); n != 0 {
		t.Errorf("%d levels changed though nothing did", n)
	}
	w.Clock.Advance(48 * time.Hour)
	if n := w.JudgeAgain(); n != 1 {
		t.Errorf("%d levels changed on the day that its model retires", n)
	}
	w.mustBe(t, d, authn.AAL2, authn.NotCertified)
	w.Publish(4, certified("L2", "2024-01-01"))
	w.mustBe(t, d, authn.AAL3, "")
	other := worldtest.Must(makertest.NewModel("Another key", logintest.MakersRoot))(t)
	w.PublishEntries(5, other.Entry())
	w.mustBe(t, d, authn.AAL2, authn.Unattested)
}
