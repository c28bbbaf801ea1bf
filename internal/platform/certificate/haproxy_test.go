package certificate_test

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"signpost/internal/platform/certificate"
	"signpost/internal/platform/certificate/certificatetest"
	"signpost/internal/platform/haproxytest"
)

// The address that HAProxy asks the door from.
const proxyAddress = "127.0.0.3"

// HAProxy as docs/running.md sets it up hands on the certificate that a card has shown on this very connection,
// whatever its client writes in the header.
func TestShownBehindHAProxy(t *testing.T) {
	haproxytest.Need(t)
	root := certificatetest.Issue(t, "Cards", nil, certificatetest.ForAuthority)
	ada := certificatetest.Issue(t, "Ada", &root, certificatetest.ForClient)
	mallory := certificatetest.Issue(t, "Mallory", &root, certificatetest.ForClient)
	stranger := certificatetest.Issue(t, "Of no authority", nil, certificatetest.ForClient)
	address := doorBehindHAProxy(t, root)
	for name, tt := range map[string]struct {
		card    *certificatetest.Issued
		version uint16
		headers http.Header
		want    string
	}{
		"by TLS 1.2":                 {card: &ada, version: tls.VersionTLS12, want: "Ada"},
		"by TLS 1.3":                 {card: &ada, version: tls.VersionTLS13, want: "Ada"},
		"no card":                    {version: tls.VersionTLS13, want: ""},
		"of no authority":            {card: &stranger, version: tls.VersionTLS13, want: "Of no authority"},
		"another's in the header":    {card: &mallory, version: tls.VersionTLS13, headers: claim(ada), want: "Mallory"},
		"a header and no card":       {version: tls.VersionTLS13, headers: claim(ada), want: ""},
		"two headers and no card":    {version: tls.VersionTLS12, headers: claim(ada, mallory), want: ""},
		"a header in small letters":  {version: tls.VersionTLS13, headers: spelt("client-cert", ada)},
		"a header with an underline": {version: tls.VersionTLS13, headers: spelt("Client_Cert", ada)},
	} {
		t.Run(name, func(t *testing.T) {
			client := cardClient(tt.card, tt.version)
			for range 2 { // the second connection could resume the first
				if got, resumed := visit(t, client, address, tt.headers); got != tt.want || resumed {
					t.Errorf("the door is shown %q, resumed %v: want %q on a connection of its own", got, resumed, tt.want)
				}
			}
		})
	}
}

// claim is what somebody writes who wants to be taken for the holders of cards.
func claim(cards ...certificatetest.Issued) http.Header {
	h := http.Header{}
	for _, c := range cards {
		h.Add("Client-Cert", sequence(c))
		h.Add("Client-Cert-Chain", sequence(c))
	}
	return h
}

// spelt is such a claim with the header's name in other letters.
func spelt(name string, card certificatetest.Issued) http.Header {
	return http.Header{name: {sequence(card)}}
}

// cardClient is a browser with a card, or with none, that would resume a connection where it may.
func cardClient(card *certificatetest.Issued, version uint16) *http.Client {
	config := &tls.Config{
		InsecureSkipVerify: true, MinVersion: version, MaxVersion: version,
		ClientSessionCache: tls.NewLRUClientSessionCache(4),
	}
	if card != nil {
		pair := card.TLS()
		config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &pair, nil }
	}
	return &http.Client{Transport: &http.Transport{TLSClientConfig: config, DisableKeepAlives: true}}
}

// visit gives whose certificate the door says it was shown, and whether the connection was resumed.
func visit(t *testing.T, client *http.Client, address string, headers http.Header) (name string, resumed bool) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+address+"/", nil)
	if err != nil {
		t.Fatal(err)
	}
	for key, values := range headers {
		r.Header[key] = values
	}
	res, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("status %d, %s, %v", res.StatusCode, text, err)
	}
	return string(text), res.TLS.DidResume
}

var (
	doorConfiguration = regexp.MustCompile("(?s)```haproxy\n((?:[^`]*?)frontend smartcards.*?)```")
	doorServer        = regexp.MustCompile(`server one \S+ .*`)
)

// doorBehindHAProxy starts a server that says whose certificate it was shown, behind HAProxy as docs/running.md
// configures it, and gives the address of HAProxy.
func doorBehindHAProxy(t *testing.T, root certificatetest.Issued) string {
	t.Helper()
	door := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		list, err := certificate.Shown(r, []netip.Prefix{netip.MustParsePrefix(proxyAddress + "/32")})
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		for _, c := range list {
			_, _ = io.WriteString(w, c.Subject.CommonName)
		}
	}))
	t.Cleanup(door.Close)
	text, err := os.ReadFile("../../../docs/running.md")
	if err != nil {
		t.Fatal(err)
	}
	found := doorConfiguration.FindStringSubmatch(string(text))
	if found == nil {
		t.Fatal("docs/running.md shows no configuration of HAProxy for smartcards")
	}
	address := haproxytest.FreeAddress(t)
	configuration := strings.NewReplacer(
		"bind :443", "bind "+address,
		"/etc/haproxy/door.pem", written(t, certificatetest.Issue(t, "door", nil, nil)),
		"/etc/haproxy/cards.pem", written(t, root),
	).Replace(found[1])
	server := "server one " + door.Listener.Addr().String() + " source " + proxyAddress
	configuration = doorServer.ReplaceAllLiteralString(configuration, server)
	haproxytest.Start(t, configuration, address)
	return address
}

// written writes a certificate and its key to a file, and gives its path.
func written(t *testing.T, c certificatetest.Issued) string {
	t.Helper()
	key, err := x509.MarshalPKCS8PrivateKey(c.Key)
	if err != nil {
		t.Fatal(err)
	}
	data := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})
	data = append(data, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})...)
	path := filepath.Join(t.TempDir(), "pair.pem")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
