package doorway_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"signpost/internal/app"
	"signpost/internal/app/doorway"
	"signpost/internal/config"
	"signpost/internal/platform/certificate/certificatetest"
	"signpost/internal/platform/clock"
	"signpost/internal/platform/clock/clocktest"
	"signpost/internal/platform/fetch"
	"signpost/internal/platform/worldtest"
)

var noon = time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)

// files writes what a door is made of, and gives the configuration that names it.
func files(t *testing.T, cards *certificatetest.Authority) config.Smartcard {
	t.Helper()
	folder := t.TempDir()
	write := func(name, kind string, der []byte) string {
		path := filepath.Join(folder, name)
		worldtest.Check(t, os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600))
		return path
	}
	own := certificatetest.Issue(t, "smartcard.localhost", nil, func(c *x509.Certificate) {
		c.DNSNames = []string{"smartcard.localhost"}
	})
	key := worldtest.Must(x509.MarshalPKCS8PrivateKey(own.Key))(t)
	return config.Smartcard{
		Address: "https://smartcard.localhost:8443", Listen: "127.0.0.1:0",
		Certificate: write("door.pem", "CERTIFICATE", own.Raw), Key: write("door.key", "PRIVATE KEY", key),
		Roots:         []string{write("root.pem", "CERTIFICATE", cards.Root.Raw)},
		Intermediates: []string{write("issuing.pem", "CERTIFICATE", cards.Issuing.Raw)},
		Lists:         []string{write("list.pem", "X509 CRL", cards.List())},
	}
}

// Each request shows its certificate on a connection of its own: none goes on with what an earlier one showed, when the
// card may be gone.
func TestEachVisitShowsItsCard(t *testing.T) {
	cards := certificatetest.New(t, "Cards", clocktest.At(noon))
	at := files(t, cards)
	secure := worldtest.Must(doorway.TLS(at, []*x509.Certificate{cards.Root.Certificate}))(t)
	port := worldtest.Must(net.Listen("tcp", "127.0.0.1:0"))(t)
	at.Listen = port.Addr().String()
	worldtest.Check(t, port.Close())
	saw := make(chan string, 10)
	serving := worldtest.Must(app.Listen(t.Context(), slog.New(slog.DiscardHandler), app.Listener{
		Name: "smartcard.listen", Address: at.Listen, TLS: secure, OneRequest: true,
		Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			shown := "none"
			if len(r.TLS.PeerCertificates) > 0 {
				shown = r.TLS.PeerCertificates[0].Subject.CommonName
			}
			if r.TLS.DidResume {
				shown += ", resumed"
			}
			saw <- shown
		}),
	}))(t)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- serving.Serve(ctx, config.Stop{}) }()
	defer func() { stop(); worldtest.Check(t, <-ended) }()
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		card := cards.Person("Ada", nil)
		inReader := true
		offered := 0
		dialled := 0
		client := &http.Client{Transport: &http.Transport{
			DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
				dialled++
				return new(net.Dialer).DialContext(ctx, network, at.Listen)
			},
			TLSClientConfig: &tls.Config{
				InsecureSkipVerify: true, MaxVersion: version, ClientSessionCache: tls.NewLRUClientSessionCache(4),
				GetClientCertificate: func(asked *tls.CertificateRequestInfo) (*tls.Certificate, error) {
					offered = len(asked.AcceptableCAs)
					if !inReader {
						return &tls.Certificate{}, nil
					}
					c := card.TLS(cards.Issuing)
					return &c, nil
				},
			},
		}}
		for i, want := range []string{"Ada", "Ada", "none"} {
			inReader = want != "none"
			res, err := client.Get("https://smartcard.localhost/")
			worldtest.Check(t, err)
			_, err = io.Copy(io.Discard, res.Body)
			worldtest.Check(t, err)
			worldtest.Check(t, res.Body.Close())
			if got := <-saw; got != want || dialled != i+1 || offered != 1 {
				t.Errorf("TLS %x, visit %d: saw %s, connection %d, %d authorities", version, i+1, got, dialled, offered)
			}
		}
	}
}

func TestVerifierFromFiles(t *testing.T) {
	c := clocktest.At(noon)
	cards := certificatetest.New(t, "Cards", c)
	at := files(t, cards)
	reach := fetch.Options{AllowLoopback: true}
	v := worldtest.Must(doorway.Verifier(at, c, reach))(t)
	if len(v.Roots) != 1 || len(v.Intermediates) != 1 || v.Clock != clock.Clock(c) {
		t.Errorf("read %d roots and %d others", len(v.Roots), len(v.Intermediates))
	}
	for name, change := range map[string]func(*config.Smartcard){
		"no file":         func(s *config.Smartcard) { s.Roots = []string{"/nowhere/root.pem"} },
		"no certificate":  func(s *config.Smartcard) { s.Roots = s.Lists },
		"no list":         func(s *config.Smartcard) { s.Lists = s.Roots },
		"no policy":       func(s *config.Smartcard) { s.Policies = []string{"cards"} },
		"a key as a root": func(s *config.Smartcard) { s.Intermediates = []string{s.Key} },
	} {
		broken := at
		change(&broken)
		if _, err := doorway.Verifier(broken, c, reach); err == nil || !strings.HasPrefix(err.Error(), "smartcard.") {
			t.Errorf("%s: %v", name, err)
		}
	}
	broken := at
	broken.Certificate = at.Roots[0]
	if _, err := doorway.TLS(broken, nil); err == nil {
		t.Error("a certificate is taken that is not the key's")
	}
}

// A certificate that is replaced while the door stands is the one that it shows from then on.
func TestTheDoorsCertificateIsReplaced(t *testing.T) {
	cards := certificatetest.New(t, "Cards", clocktest.At(noon))
	at := files(t, cards)
	secure := worldtest.Must(doorway.TLS(at, nil))(t)
	before := worldtest.Must(secure.GetCertificate(nil))(t)
	newer := files(t, cards)
	for from, to := range map[string]string{newer.Key: at.Key, newer.Certificate: at.Certificate} {
		worldtest.Check(t, os.WriteFile(to, worldtest.Must(os.ReadFile(from))(t), 0o600))
	}
	worldtest.Check(t, os.Chtimes(at.Certificate, noon, noon))
	after := worldtest.Must(secure.GetCertificate(nil))(t)
	if string(after.Certificate[0]) == string(before.Certificate[0]) {
		t.Error("the door shows the certificate that was replaced")
	}
	worldtest.Check(t, os.WriteFile(at.Certificate, []byte("half"), 0o600))
	still, err := secure.GetCertificate(nil)
	if err != nil || string(still.Certificate[0]) != string(after.Certificate[0]) {
		t.Errorf("a file that is half written: %v", err)
	}
}
