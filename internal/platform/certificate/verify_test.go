package certificate_test

import (
	"context"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net/netip"
	"testing"
	"time"

	"signpost/internal/platform/certificate"
	"signpost/internal/platform/certificate/certificatetest"
	"signpost/internal/platform/clock/clocktest"
	"signpost/internal/platform/fetch"
	"signpost/internal/platform/worldtest"
)

var noon = time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)

// world is an authority, and a verifier that trusts it.
type world struct {
	*certificatetest.Authority

	clock    *clocktest.Manual
	online   *certificate.Online
	verifier *certificate.Verifier
}

func open(t testing.TB) *world {
	t.Helper()
	c := clocktest.At(noon)
	w := &world{Authority: certificatetest.New(t, "Cards", c), clock: c}
	w.online = &certificate.Online{Fetch: fetch.New(fetch.Options{AllowLoopback: true}), Clock: c, Grace: 2 * time.Hour}
	// The issuing authority is on the root's list, which is at hand.
	rootsList := worldtest.Must(x509.CreateRevocationList(nil, &x509.RevocationList{
		Number: big.NewInt(1), ThisUpdate: noon.AddDate(0, -1, 0), NextUpdate: noon.AddDate(1, 0, 0),
	}, w.Root.Certificate, w.Root.Key))(t)
	list := worldtest.Must(certificate.ParseList(rootsList))(t)
	w.online.Lists = func() ([]*x509.RevocationList, error) { return []*x509.RevocationList{list}, nil }
	w.verifier = &certificate.Verifier{
		Roots: []*x509.Certificate{w.Root.Certificate}, Intermediates: []*x509.Certificate{w.Issuing.Certificate},
		Status: w.online, Clock: c,
	}
	return w
}

func (w *world) problem(t *testing.T, shown ...certificatetest.Issued) certificate.Problem {
	t.Helper()
	var list []*x509.Certificate
	for _, s := range shown {
		list = append(list, s.Certificate)
	}
	_, err := w.verifier.Verify(t.Context(), list)
	if err != nil && certificate.ProblemOf(err) == "" {
		t.Fatalf("an error without a problem: %v", err)
	}
	return certificate.ProblemOf(err)
}

// Each case changes a certificate that is good, in one thing.
func TestCertificatesThatAreNotReliedOn(t *testing.T) {
	w := open(t)
	if p := w.problem(t, w.Person("Ada", nil)); p != "" {
		t.Fatalf("the honest one: %s", p)
	}
	other := certificatetest.New(t, "Cards", w.clock) // of the same name
	lapsed := certificatetest.Issue(t, "Cards Old", &w.Root, func(c *x509.Certificate) {
		certificatetest.ForAuthority(c)
		c.NotAfter = noon.Add(-time.Hour)
	})
	narrow := certificatetest.Issue(t, "Cards Servers", &w.Root, func(c *x509.Certificate) {
		certificatetest.ForAuthority(c)
		c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	})
	plain := w.Person("No authority", nil)
	cases := map[string]struct {
		shown []certificatetest.Issued
		want  certificate.Problem
	}{
		"none": {nil, certificate.Missing},
		"expired": {[]certificatetest.Issued{w.Person("Ada", func(c *x509.Certificate) {
			c.NotAfter = noon.Add(-time.Second)
		})}, certificate.Expired},
		"not valid yet": {[]certificatetest.Issued{w.Person("Ada", func(c *x509.Certificate) {
			c.NotBefore = noon.Add(time.Second)
		})}, certificate.Early},
		"of an authority of the same name": {[]certificatetest.Issued{other.Person("Ada", nil), other.Issuing}, certificate.Untrusted},
		"of that, expired": {[]certificatetest.Issued{other.Person("Ada", func(c *x509.Certificate) {
			c.NotAfter = noon.Add(-time.Second)
		}), other.Issuing}, certificate.Untrusted},
		"signed by itself": {[]certificatetest.Issued{certificatetest.Issue(t, "Ada", nil, certificatetest.ForClient)}, certificate.Untrusted},
		"by an authority that lapsed": {[]certificatetest.Issued{
			certificatetest.Issue(t, "Ada", &lapsed, certificatetest.ForClient), lapsed,
		}, certificate.Untrusted},
		"by an authority for servers alone": {[]certificatetest.Issued{
			certificatetest.Issue(t, "Ada", &narrow, certificatetest.ForClient), narrow,
		}, certificate.Unsuitable},
		"by somebody's card": {[]certificatetest.Issued{
			certificatetest.Issue(t, "Ada", &plain, certificatetest.ForClient), plain,
		}, certificate.Untrusted},
		"for servers": {[]certificatetest.Issued{w.Person("Ada", func(c *x509.Certificate) {
			c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
		})}, certificate.Unsuitable},
		"for mail": {[]certificatetest.Issued{w.Person("Ada", func(c *x509.Certificate) {
			c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageEmailProtection}
		})}, certificate.Unsuitable},
		"for nothing that it says": {[]certificatetest.Issued{w.Person("Ada", func(c *x509.Certificate) {
			c.ExtKeyUsage = nil
		})}, certificate.Unsuitable},
		"for anything": {[]certificatetest.Issued{w.Person("Ada", func(c *x509.Certificate) {
			c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageAny}
		})}, certificate.Unsuitable},
		"for enciphering": {[]certificatetest.Issued{w.Person("Ada", func(c *x509.Certificate) {
			c.KeyUsage = x509.KeyUsageKeyEncipherment
		})}, certificate.Unsuitable},
		"an authority's own": {[]certificatetest.Issued{w.Person("Ada", func(c *x509.Certificate) {
			certificatetest.ForAuthority(c)
			c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
		})}, certificate.Unsuitable},
		"a short RSA key": {[]certificatetest.Issued{w.short(t)}, certificate.Unsuitable},
		"a large RSA key": {[]certificatetest.Issued{
			certificatetest.IssueLarge(t, w.Issuing, certificatetest.ForClient),
		}, certificate.Unsuitable},
		"with an authority of a large RSA key": {[]certificatetest.Issued{
			w.Person("Ada", nil), certificatetest.IssueLarge(t, w.Root, certificatetest.ForAuthority),
		}, certificate.Unsuitable},
	}
	for name, tt := range cases {
		if got := w.problem(t, tt.shown...); got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
	t.Logf("tried %d, accepted 0", len(cases))
}

// short issues a certificate for an RSA key of 1024 bits.
func (w *world) short(t *testing.T) certificatetest.Issued {
	t.Helper()
	modulus := new(big.Int).SetBit(big.NewInt(1), 1023, 1)
	template := w.Person("Ada", nil).Certificate
	key := &rsa.PublicKey{N: modulus, E: 65537}
	der := worldtest.Must(x509.CreateCertificate(nil, template, w.Issuing.Certificate, key, w.Issuing.Key))(t)
	return certificatetest.Issued{Certificate: worldtest.Must(x509.ParseCertificate(der))(t)}
}

func TestPolicies(t *testing.T) {
	w := open(t)
	onCards := worldtest.Must(x509.OIDFromInts([]uint64{1, 2, 826, 0, 1, 9999, 1}))(t)
	inFiles := worldtest.Must(x509.OIDFromInts([]uint64{1, 2, 826, 0, 1, 9999, 2}))(t)
	issuing := certificatetest.Issue(t, "Cards 2", &w.Root, func(c *x509.Certificate) {
		certificatetest.ForAuthority(c)
		c.Policies = []x509.OID{onCards, inFiles}
	})
	under := func(policies ...x509.OID) certificatetest.Issued {
		return certificatetest.Issue(t, "Ada", &issuing, func(c *x509.Certificate) {
			certificatetest.ForClient(c)
			c.CRLDistributionPoints = nil
			c.Policies = policies
		})
	}
	w.verifier.Status = nobodyRevoked{}
	if p := w.problem(t, under(), issuing); p != "" {
		t.Errorf("no policy is asked for: %s", p)
	}
	w.verifier.Policies = []x509.OID{onCards}
	if p := w.problem(t, under(onCards), issuing); p != "" {
		t.Errorf("the policy that is asked for: %s", p)
	}
	for name, c := range map[string]certificatetest.Issued{"another": under(inFiles), "none": under()} {
		if p := w.problem(t, c, issuing); p != certificate.Unsuitable {
			t.Errorf("%s policy: %q", name, p)
		}
	}
	claims := w.Person("Ada", func(c *x509.Certificate) { c.Policies = []x509.OID{onCards} })
	if p := w.problem(t, claims); p != certificate.Unsuitable {
		t.Errorf("of an authority that may not issue under it: %q", p)
	}
}

type nobodyRevoked struct{}

func (nobodyRevoked) Check(context.Context, *x509.Certificate, *x509.Certificate) (time.Duration, error) {
	return 0, nil
}

// What is revoked while a connection stands is refused as soon as a newer statement is due.
func TestRevoked(t *testing.T) {
	w := open(t)
	for name, how := range map[string]func(*x509.Certificate){"by a list": nil, "by a responder": w.ByResponder} {
		ada := w.Person("Ada", how)
		ben := w.Person("Ben", how)
		if p := w.problem(t, ada) + w.problem(t, ben); p != "" {
			t.Fatalf("%s: %s before", name, p)
		}
		w.Revoke(ada)
		w.clock.Advance(time.Hour)
		if p := w.problem(t, ada); p != certificate.Revoked {
			t.Errorf("%s: %q", name, p)
		}
		if p := w.problem(t, ben); p != "" {
			t.Errorf("%s: another one is %s", name, p)
		}
	}
}

// The authority below the root can be revoked too.
func TestRevokedAuthority(t *testing.T) {
	w := open(t)
	list := worldtest.Must(x509.CreateRevocationList(nil, &x509.RevocationList{
		Number: big.NewInt(2), ThisUpdate: noon, NextUpdate: noon.AddDate(1, 0, 0),
		RevokedCertificateEntries: []x509.RevocationListEntry{{SerialNumber: w.Issuing.SerialNumber, RevocationTime: noon}},
	}, w.Root.Certificate, w.Root.Key))(t)
	read := worldtest.Must(certificate.ParseList(list))(t)
	w.online.Lists = func() ([]*x509.RevocationList, error) { return []*x509.RevocationList{read}, nil }
	if p := w.problem(t, w.Person("Ada", nil)); p != certificate.Revoked {
		t.Errorf("its authority was revoked: %q", p)
	}
}

// Nobody is let in whom nobody confirms; a statement is kept while it is in force, and for the grace that is given.
func TestSilentAuthorities(t *testing.T) {
	for name, by := range map[string]func(*world) func(*x509.Certificate){
		"a list":      func(*world) func(*x509.Certificate) { return nil },
		"a responder": func(w *world) func(*x509.Certificate) { return w.ByResponder },
	} {
		w := open(t)
		ada := w.Person("Ada", by(w))
		w.Silence(true)
		if p := w.problem(t, ada); p != certificate.Unknown {
			t.Errorf("%s: nothing is known: %q", name, p)
		}
		asked := w.Asked()
		if p := w.problem(t, ada); p != certificate.Unknown || w.Asked() != asked {
			t.Errorf("%s: what failed just now is asked again: %q", name, p)
		}
		w.Silence(false)
		w.clock.Advance(time.Minute)
		if p := w.problem(t, ada); p != "" {
			t.Errorf("%s: %s when it answers", name, p)
		}
		asked = w.Asked()
		w.clock.Advance(59 * time.Minute)
		age, err := w.verifier.Verify(t.Context(), []*x509.Certificate{ada.Certificate})
		if err != nil || w.Asked() != asked {
			t.Errorf("%s: asked again while in force: %v", name, err)
		}
		if want := noon.Sub(noon.AddDate(0, -1, 0)) + time.Hour; age != want { // the root's list is the oldest
			t.Errorf("%s: age %s, want %s", name, age, want)
		}
		w.Silence(true)
		w.clock.Advance(2 * time.Hour)
		if p := w.problem(t, ada); p != "" {
			t.Errorf("%s: %s in its grace", name, p)
		}
		w.clock.Advance(2 * time.Minute)
		if p := w.problem(t, ada); p != certificate.Unknown {
			t.Errorf("%s: %q after its grace", name, p)
		}
	}
	w := open(t)
	unnamed := w.Person("Ada", func(c *x509.Certificate) { c.CRLDistributionPoints = nil })
	if p := w.problem(t, unnamed); p != certificate.Unknown {
		t.Errorf("nobody says anything of it: %q", p)
	}
	directory := w.Person("Ada", func(c *x509.Certificate) { c.CRLDistributionPoints = []string{"ldap://ldap.invalid/cn=list"} })
	if p := w.problem(t, directory); p != certificate.Unknown {
		t.Errorf("only a directory says anything of it: %q", p)
	}
}

// What a stranger between us and the authority can hand out says nothing.
func TestStatementsOfOthers(t *testing.T) {
	point := func(der ...byte) func(*x509.RevocationList) {
		return func(l *x509.RevocationList) {
			l.ExtraExtensions = []pkix.Extension{{Id: []int{2, 5, 29, 28}, Critical: true, Value: append([]byte{0x30, byte(len(der))}, der...)}}
		}
	}
	tried := 0
	for name, change := range map[string]func(*world, *certificatetest.Issued){
		"a list by another authority":    func(w *world, _ *certificatetest.Issued) { w.ListOf = &w.Root },
		"a list that is out of force":    func(w *world, _ *certificatetest.Issued) { w.Listed = shifted(-4 * time.Hour) },
		"a list of tomorrow":             func(w *world, _ *certificatetest.Issued) { w.Listed = shifted(24 * time.Hour) },
		"a list of authorities alone":    func(w *world, _ *certificatetest.Issued) { w.Listed = point(0x82, 1, 0xff) },
		"a list of others' certificates": func(w *world, _ *certificatetest.Issued) { w.Listed = point(0x84, 1, 0xff) },
		"a list of some reasons":         func(w *world, _ *certificatetest.Issued) { w.Listed = point(0x83, 2, 6, 0x40) },
		"a list that adds to another": func(w *world, _ *certificatetest.Issued) {
			w.Listed = func(l *x509.RevocationList) {
				l.ExtraExtensions = []pkix.Extension{{Id: []int{2, 5, 29, 27}, Critical: true, Value: []byte{2, 1, 1}}}
			}
		},
		"a list with what nobody understands": func(w *world, _ *certificatetest.Issued) {
			w.Listed = func(l *x509.RevocationList) {
				l.ExtraExtensions = []pkix.Extension{{Id: []int{1, 2, 3}, Critical: true, Value: []byte{5, 0}}}
			}
		},
		"an answer signed with a card": func(w *world, card *certificatetest.Issued) {
			w.ByResponder(card.Certificate)
			holder := w.Person("Mallory", nil)
			w.Answerer = &holder
		},
		"an answer signed with what lapsed": func(w *world, card *certificatetest.Issued) {
			w.ByResponder(card.Certificate)
			old := certificatetest.Issue(t, "Responder", &w.Issuing, func(c *x509.Certificate) {
				c.KeyUsage = x509.KeyUsageDigitalSignature
				c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageOCSPSigning}
				c.NotAfter = noon.Add(-time.Hour)
			})
			w.Answerer = &old
		},
	} {
		w := open(t)
		ada := w.Person("Ada", nil)
		if p := w.problem(t, ada); p != "" {
			t.Fatalf("the honest twin: %s", p)
		}
		w.clock.Advance(4 * time.Hour) // past the first statement and its grace
		change(w, &ada)
		tried++
		if p := w.problem(t, ada); p != certificate.Unknown {
			t.Errorf("%s: %q", name, p)
		}
	}
	t.Logf("tried %d, accepted 0", tried)
}

func shifted(by time.Duration) func(*x509.RevocationList) {
	return func(l *x509.RevocationList) {
		l.ThisUpdate = l.ThisUpdate.Add(by)
		l.NextUpdate = l.NextUpdate.Add(by)
	}
}

// A responder of its own, which the authority names for that, answers for it.
func TestResponderOfItsOwn(t *testing.T) {
	w := open(t)
	responder := certificatetest.Issue(t, "Responder", &w.Issuing, func(c *x509.Certificate) {
		c.KeyUsage = x509.KeyUsageDigitalSignature
		c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageOCSPSigning}
	})
	w.Answerer = &responder
	if p := w.problem(t, w.Person("Ada", w.ByResponder)); p != "" {
		t.Errorf("the authority's responder: %s", p)
	}
}

// An address in a certificate is no way into our own network.
func TestStatusIsNotAskedInside(t *testing.T) {
	w := open(t)
	w.online.Fetch = fetch.New(fetch.Options{})
	if p := w.problem(t, w.Person("Ada", nil)); p != certificate.Unknown || w.Asked() != 0 {
		t.Errorf("%q, and this machine was asked %d times", p, w.Asked())
	}
}

var proxies = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/24")}
