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
	"signpost/internal/careid/population"
	"signpost/internal/national/authn"
	"signpost/internal/platform/db"
	"signpost/internal/platform/worldtest"
)

// fleet plays an organisation that manages iPads.
type fleet struct{ root *makertest.Certificate }

func newFleet(t *testing.T) fleet {
	t.Helper()
	return fleet{worldtest.Must(makertest.New("Fenmarch devices", nil, nil))(t)}
}

// pool is what an operator names.
func (f fleet) pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(f.root.Certificate)
	return pool
}

// device makes an iPad with a name in the management, which attests the credential.
func (f fleet) device(t *testing.T, name string) *logintest.Device {
	t.Helper()
	d := logintest.NewUnattested()
	d.MadeAs(worldtest.Must(makertest.NewModel(name, f.root))(t))
	return d
}

// register has somebody bind an authenticator and gives the problem that they are told; empty where it is bound.
func (w *world) register(t *testing.T, d *logintest.Device, uuid, address string, kind authn.Kind) string {
	t.Helper()
	b := w.Browser()
	at := b.Send(w.Invite(uuid, kind), "email", address)
	coded := b.Do(http.MethodPost, at+"/code", logintest.Values("code", w.Mailed(address)))
	if problem := said(b, coded); problem != "" {
		return problem
	}
	res := b.Do(http.MethodPost, at+"/key", logintest.Values("answer", b.Register(at, d)))
	if res.Header.Get("Location") == "/authenticator-added" {
		return ""
	}
	problem := said(b, res)
	if problem == "" {
		t.Errorf("neither bound nor told why: %d", res.StatusCode)
	}
	return problem
}

// An iPad is AAL3 where the management that the operator names attests it and it does not sync; everything else that is
// bound as an iPad is AAL2.
func TestOnlyManagedIPadsAreAAL3(t *testing.T) {
	ours := newFleet(t)
	others := newFleet(t) // of the same name
	another := ours.device(t, "iPad 7").Model.Batch.Raw
	for name, tt := range map[string]struct {
		device  *logintest.Device
		managed *x509.CertPool
		level   authn.Level
		why     authn.Why
	}{
		"managed": {ours.device(t, "iPad 1"), ours.pool(), authn.AAL3, ""},
		"managed, where none is named": {
			ours.device(t, "iPad 2"), nil, authn.AAL2, authn.Unmanaged,
		},
		"managed by somebody else": {
			others.device(t, "iPad 3"), ours.pool(), authn.AAL2, authn.Unmanaged,
		},
		"that nobody speaks for": {
			logintest.NewUnattested(), ours.pool(), authn.AAL2, authn.Unmanaged,
		},
		"of a certified model, not managed": {
			logintest.NewDevice(), ours.pool(), authn.AAL2, authn.Unmanaged,
		},
		"managed, whose credentials sync": {
			syncing(ours.device(t, "iPad 4")), ours.pool(), authn.AAL2, authn.Synced,
		},
		"managed, with the root beside it": {
			withChain(ours.device(t, "iPad 5"), ours.root.Raw), ours.pool(), authn.AAL3, "",
		},
		"managed by others, who bring their root": {
			withChain(others.device(t, "iPad 6"), others.root.Raw), ours.pool(), authn.AAL2, authn.Unmanaged,
		},
		"with the certificate of another behind its own": {
			withChain(logintest.NewDevice(), another, ours.root.Raw), ours.pool(), authn.AAL2, authn.Unmanaged,
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := open(t)
			w.Manage(tt.managed)
			w.BindDevice(tt.device, authn.IPad)
			if a := w.only(t); a.Level != tt.level || a.Why != tt.why {
				t.Errorf("%s, %q; want %s, %q", a.Level, a.Why, tt.level, tt.why)
			}
		})
	}
}

func syncing(d *logintest.Device) *logintest.Device {
	d.Authenticator.Options.BackupEligible = true
	return d
}

// withChain adds certificates to a device's attestation.
func withChain(d *logintest.Device, more ...[]byte) *logintest.Device {
	d.Spoil = func(s *makertest.Statement) { s.Chain = append(s.Chain, more...) }
	return d
}

// A managed device counts for nothing where it is bound as something else.
func TestAManagedDeviceIsNoSecurityKey(t *testing.T) {
	ours := newFleet(t)
	w := open(t)
	w.Manage(ours.pool())
	w.BindDevice(ours.device(t, "iPad 1"), authn.SecurityKey)
	if a := w.only(t); a.Level != authn.AAL2 || a.Why != authn.Unattested {
		t.Errorf("%s, %q", a.Level, a.Why)
	}
}

// One iPad is for one person, and a person has one iPad. A removed one is free again.
func TestOneIPadIsForOnePerson(t *testing.T) {
	const bens = "ben@example.nhs.uk"
	ours := newFleet(t)
	w := open(t)
	w.Manage(ours.pool())
	ben := w.Person(population.Person{
		GivenName: "Ben", FamilyName: "Example", Organisation: "FXX01", Email: bens, EmailVerified: true,
	})
	first := ours.device(t, "iPad 1")
	if problem := w.register(t, first, w.UUID, adasAddress, authn.IPad); problem != "" {
		t.Fatalf("the honest twin: %s", problem)
	}
	const elsewhere = "one device is for one person"
	tried, accepted := 0, 0
	for name, tt := range map[string]struct {
		device              *logintest.Device
		uuid, address, want string
	}{
		"a second iPad":                       {ours.device(t, "iPad 2"), w.UUID, adasAddress, "nobody can have two"},
		"the same one for somebody else":      {again(first), ben.ID, bens, elsewhere},
		"the same one with a new certificate": {renewed(t, ours, first), ben.ID, bens, elsewhere},
	} {
		tried++
		if problem := w.register(t, tt.device, tt.uuid, tt.address, authn.IPad); !strings.Contains(problem, tt.want) {
			accepted++
			t.Errorf("%s: %q", name, problem)
		}
	}
	t.Logf("tried %d, accepted %d", tried, accepted)
	w.ByDesk(func(dw *db.W) error {
		return authenticator.Remove(t.Context(), dw, w.only(t).ID, "handed on")
	})
	if problem := w.register(t, again(first), ben.ID, bens, authn.IPad); problem != "" {
		t.Errorf("once it was removed: %s", problem)
	}
}

// again is the same device with another credential.
func again(d *logintest.Device) *logintest.Device {
	other := logintest.NewUnattested()
	other.MadeAs(*d.Model)
	return other
}

// renewed is the same device with another certificate of its management.
func renewed(t *testing.T, f fleet, d *logintest.Device) *logintest.Device {
	t.Helper()
	m := *d.Model
	m.Batch = worldtest.Must(makertest.New("iPad 1 batch", f.root, describedAs(m)))(t)
	other := logintest.NewUnattested()
	other.MadeAs(m)
	return other
}

// Once the operator names other managements, iPads are judged by those, as of the day on which they were bound.
func TestIPadsAreJudgedAgainByOtherManagements(t *testing.T) {
	ours := newFleet(t)
	w := open(t)
	w.Manage(ours.pool())
	w.BindDevice(ours.device(t, "iPad 1"), authn.IPad)
	w.Clock.Advance(50 * 365 * 24 * time.Hour) // its certificate has ended since
	for _, tt := range []struct {
		managed *x509.CertPool
		changed int
		level   authn.Level
	}{
		{ours.pool(), 0, authn.AAL3}, {nil, 1, authn.AAL2}, {nil, 0, authn.AAL2}, {ours.pool(), 1, authn.AAL3},
	} {
		w.Manage(tt.managed)
		if n := w.JudgeAgain(); n != tt.changed || w.only(t).Level != tt.level {
			t.Errorf("%d changed, it is %s; want %d, %s", n, w.only(t).Level, tt.changed, tt.level)
		}
	}
}

// Of two people who bound one iPad before its management was named, one has it then.
func TestAnIPadThatTwoBoundIsOnes(t *testing.T) {
	const bens = "ben@example.nhs.uk"
	ours := newFleet(t)
	w := open(t)
	ben := w.Person(population.Person{
		GivenName: "Ben", FamilyName: "Example", Organisation: "FXX01", Email: bens, EmailVerified: true,
	})
	first := ours.device(t, "iPad 1")
	for uuid, problem := range map[string]string{
		w.UUID: w.register(t, first, w.UUID, adasAddress, authn.IPad),
		ben.ID: w.register(t, again(first), ben.ID, bens, authn.IPad),
	} {
		if problem != "" {
			t.Fatalf("%s: %s", uuid, problem)
		}
	}
	for start := range 2 {
		w.Manage(ours.pool())
		if n := w.JudgeAgain(); n != 1-start {
			t.Errorf("start %d: %d changed", start, n)
		}
		if n := w.Count(`SELECT COUNT(*) FROM authenticator WHERE level = 3`); n != 1 {
			t.Errorf("start %d: %d are AAL3", start, n)
		}
	}
}

// Windows Hello is bound as Windows Hello alone, and a device on which something is bound already says so.
func TestOneDeviceIsEitherHelloOrAPasskey(t *testing.T) {
	w := open(t)
	hello := func() *logintest.Device {
		d := logintest.NewUnattested()
		d.Authenticator.Aaguid = [16]byte{
			0x08, 0x98, 0x70, 0x58, 0xca, 0xdc, 0x4b, 0x81, 0xb6, 0xe1, 0x30, 0xde, 0x50, 0xdc, 0xbe, 0x96,
		}
		return d
	}
	tried, accepted := 0, 0
	for _, kind := range []authn.Kind{authn.Passkey, authn.SecurityKey, authn.IPad} {
		tried++
		problem := w.register(t, hello(), w.UUID, adasAddress, kind)
		if !strings.Contains(problem, "This is Windows Hello") {
			accepted++
			t.Errorf("Windows Hello as %s: %q", kind, problem)
		}
	}
	t.Logf("tried %d, accepted %d", tried, accepted)
	if problem := w.register(t, hello(), w.UUID, adasAddress, authn.WindowsHello); problem != "" {
		t.Errorf("Windows Hello as what it is: %s", problem)
	}
	b := w.Browser()
	at := w.BindPages(b, w.UUID, adasAddress, authn.Passkey)
	options := logintest.Text(b.Do(http.MethodPost, at+"/options", logintest.Values()))
	if !strings.Contains(options, `"excludeCredentials":[{`) {
		t.Errorf("the browser is not told what the person has: %s", options)
	}
	taken := b.Do(http.MethodPost, at+"/key", logintest.Values("failed", "InvalidStateError"))
	if got := said(b, taken); !strings.Contains(got, "either Windows Hello or a passkey") {
		t.Errorf("a device that has one: %q", got)
	}
}
