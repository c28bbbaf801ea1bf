package certificate_test

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"signpost/internal/platform/certificate"
	"signpost/internal/platform/certificate/certificatetest"
)

func sequence(c certificatetest.Issued) string {
	return ":" + base64.StdEncoding.EncodeToString(c.Raw) + ":"
}

// A certificate in a header is that of whoever asks only where a proxy that is named hands it on.
func TestShown(t *testing.T) {
	ada := certificatetest.Issue(t, "Ada", nil, certificatetest.ForClient)
	mallory := certificatetest.Issue(t, "Mallory", nil, certificatetest.ForClient)
	proxy := certificatetest.Issue(t, "Proxy", nil, certificatetest.ForClient)
	for name, tt := range map[string]struct {
		from    string
		tls     *certificatetest.Issued
		headers map[string][]string
		want    []certificatetest.Issued
		problem certificate.Problem
	}{
		"by the connection": {from: "192.0.2.7:1", tls: &ada, want: []certificatetest.Issued{ada}},
		"none":              {from: "192.0.2.7:1"},
		"by a named proxy": {
			from: "10.0.0.9:1", headers: map[string][]string{"Client-Cert": {sequence(ada)}},
			want: []certificatetest.Issued{ada},
		},
		"with its chain": {
			from: "10.0.0.9:1",
			headers: map[string][]string{
				"Client-Cert": {sequence(ada)}, "Client-Cert-Chain": {sequence(proxy) + ", " + sequence(mallory)},
			},
			want: []certificatetest.Issued{ada, proxy, mallory},
		},
		"another's, by whoever writes it": {
			from: "192.0.2.7:1", tls: &mallory, headers: map[string][]string{"Client-Cert": {sequence(ada)}},
			want: []certificatetest.Issued{mallory},
		},
		"another's, without one of their own": {
			from: "192.0.2.7:1", headers: map[string][]string{"Client-Cert": {sequence(ada)}},
		},
		"of the proxy itself": {from: "10.0.0.9:1", tls: &proxy},
		"forwarded by the proxy for another": {
			from: "192.0.2.7:1", headers: map[string][]string{
				"X-Forwarded-For": {"10.0.0.9"}, "Client-Cert": {sequence(ada)},
			},
		},
		"two": {
			from: "10.0.0.9:1", headers: map[string][]string{"Client-Cert": {sequence(mallory), sequence(ada)}},
			problem: certificate.Unreadable,
		},
		"two in one line": {
			from: "10.0.0.9:1", headers: map[string][]string{"Client-Cert": {sequence(mallory) + ", " + sequence(ada)}},
			problem: certificate.Unreadable,
		},
		"in the old form of one proxy": {
			from: "10.0.0.9:1", headers: map[string][]string{"Client-Cert": {base64.StdEncoding.EncodeToString(ada.Raw)}},
			problem: certificate.Unreadable,
		},
		"what is none": {
			from: "10.0.0.9:1", headers: map[string][]string{"Client-Cert": {":AAAA:"}}, problem: certificate.Unreadable,
		},
		"a long chain": {
			from: "10.0.0.9:1", headers: map[string][]string{
				"Client-Cert": {sequence(ada)}, "Client-Cert-Chain": {strings.Repeat(sequence(proxy)+", ", 8) + sequence(proxy)},
			},
			problem: certificate.Unreadable,
		},
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.RemoteAddr = tt.from
		if tt.tls != nil {
			r.TLS = &tls.ConnectionState{PeerCertificates: []*x509.Certificate{tt.tls.Certificate}}
		}
		for header, values := range tt.headers {
			r.Header[header] = values
		}
		got, err := certificate.Shown(r, proxies)
		if certificate.ProblemOf(err) != tt.problem || len(got) != len(tt.want) {
			t.Errorf("%s: %d certificates, %v", name, len(got), err)
			continue
		}
		for i, c := range got {
			if certificate.Fingerprint(c) != certificate.Fingerprint(tt.want[i].Certificate) {
				t.Errorf("%s: certificate %d is of %s", name, i, c.Subject.CommonName)
			}
		}
	}
}
