package doctor

import (
	"crypto/x509"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"signpost/internal/config"
	"signpost/internal/platform/certificate/certificatetest"
	"signpost/internal/platform/clock/clocktest"
	"signpost/internal/platform/fetch"
	"signpost/internal/platform/worldtest"
)

// What is wrong with the smartcard door is said, and whoever does not answer as it does is no door.
func TestDoctorLooksAtTheSmartcardDoor(t *testing.T) {
	clock := clocktest.At(time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC))
	leads := "http://cis2.localhost/"
	door := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, leads, http.StatusSeeOther)
	}))
	defer door.Close()
	write := func(name string, c certificatetest.Issued) string {
		path := filepath.Join(t.TempDir(), name)
		text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})
		worldtest.Check(t, os.WriteFile(path, text, 0o600))
		return path
	}
	root := write("root.pem", certificatetest.Issue(t, "Cards", nil, certificatetest.ForAuthority))
	old := write("old.pem", certificatetest.Issue(t, "Cards", nil, func(c *x509.Certificate) {
		certificatetest.ForAuthority(c)
		c.NotAfter = clock.Now().Add(-time.Hour)
	}))
	for _, tt := range []struct {
		name, root, leads string
		want              Outcome
		saw               string
	}{
		{"in order", root, "http://cis2.localhost/", Well, "answers without a card"},
		{"no file", "/nowhere.pem", "http://cis2.localhost/", Failed, "smartcard.roots"},
		{"an authority that lapsed", old, "http://cis2.localhost/", Failed, "is valid from"},
		{"another site", root, "http://elsewhere.localhost/", Failed, "and leads to"},
	} {
		leads = tt.leads
		var last Line
		x := &examination{
			Options: Options{
				Sites: []string{"cis2"}, Clock: clock, Reach: fetch.New(fetch.Options{AllowLoopback: true}),
				Config: config.Config{
					Addresses: config.Addresses{CIS2: "http://cis2.localhost"},
					Smartcard: config.Smartcard{Address: door.URL, Roots: []string{tt.root}},
				},
			},
			running: true, say: func(l Line) { last = l },
		}
		x.smartcards(t.Context())
		if last.Outcome != tt.want || !strings.Contains(last.Saw, tt.saw) || tt.want == Failed && last.Cure == "" {
			t.Errorf("%s: %+v", tt.name, last)
		}
	}
}
