// Package carddoor is the smartcard door: an address of its own, at which a browser is asked for the certificate of a
// smartcard. A page of the sign-in service sends the browser there with a ticket, and the door sends it back to that
// page with its answer: which certificate it was, or why none is accepted.
//
// The door keeps nothing and signs nobody in. An answer is worth something only to the ceremony whose ticket it
// answers, which the sign-in service ties to one browser and uses up with the first answer; so nobody can end another's
// sign-in with a card of their own, and a card that somebody was lured to show gives the lurer nothing.
package carddoor

import (
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"net/http"
	"net/netip"
	"time"

	"signpost/internal/platform/certificate"
	"signpost/internal/platform/clock"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/web"
)

// Door answers browsers at the address of the door.
type Door struct {
	Tickets  *Tickets
	Verifier *certificate.Verifier
	Clock    clock.Clock
	Proxies  []netip.Prefix // that end TLS in front of the door and hand the certificates on
}

// maxVisits is how many tickets one network address may bring in a minute on a node: at the start of a shift, a whole
// hospital may share an address.
const maxVisits = 120

// Mount adds the door to its site.
func (d *Door) Mount(s *web.Site) {
	s.Handle("GET "+path, web.Anyone, s.PerMinute(maxVisits, d.visit))
	s.Handle("GET "+CheckPath, web.Anyone, s.PerMinute(maxVisits, d.check))
	s.Handle("GET /{$}", web.Anyone, d.elsewhere)
}

// CheckPath is where a page of the sign-in service sees whether a browser reaches the door, and shows it a card.
const CheckPath = "/check"

// Checked is what such a page is told.
type Checked struct {
	Shown   bool                `json:"shown"`             // a certificate
	Problem certificate.Problem `json:"problem,omitempty"` // for which it is not accepted
}

// check says to the sign-in service's own pages alone what a browser shows: other sites learn nothing of who has a
// card.
func (d *Door) check(w http.ResponseWriter, r *http.Request) error {
	var a Answer
	if err := d.look(r, &a); err != nil {
		return err
	}
	h := w.Header()
	h.Set("Access-Control-Allow-Origin", d.Tickets.Login)
	h.Set("Access-Control-Allow-Credentials", "true")
	return web.JSON(w, http.StatusOK, Checked{Shown: a.Card.Fingerprint != "", Problem: a.Problem})
}

// elsewhere sends whoever comes without a ticket to the sign-in service.
func (d *Door) elsewhere(w http.ResponseWriter, r *http.Request) error {
	http.Redirect(w, r, d.Tickets.Login+"/", http.StatusSeeOther)
	return nil
}

// visit looks at the certificate of whoever brings a ticket, and sends the browser back with the answer. It changes
// nothing: a ticket may be brought again while the ceremony waits, as by somebody who had no card in the reader.
func (d *Door) visit(w http.ResponseWriter, r *http.Request) error {
	var t ticket
	if err := d.Tickets.open(r.URL.Query().Get(ticketField), ticketContext, &t); err != nil {
		return err
	}
	now := d.Clock.Now()
	if now.After(t.Made.Add(ticketLife)) || !web.Local(t.Back) {
		return fault.Expired
	}
	a := Answer{Ceremony: t.Ceremony, At: now}
	if err := d.look(r, &a); err != nil {
		return err
	}
	to, err := d.Tickets.back(t, a)
	if err != nil {
		return err
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// look puts into an answer what is known of the certificate that a browser showed. An error is none of the card's.
func (d *Door) look(r *http.Request, a *Answer) error {
	shown, err := certificate.Shown(r, d.Proxies)
	if err == nil && len(shown) > 0 {
		c := shown[0]
		issuer := sha256.Sum256(c.RawIssuer)
		a.Card = Card{
			Fingerprint: certificate.Fingerprint(c), Issuer: hex.EncodeToString(issuer[:]),
			Serial: c.SerialNumber.String(), Until: c.NotAfter,
		}
		web.Log(r, slog.String("certificate", a.Card.Fingerprint))
	}
	if err == nil {
		var age time.Duration
		if age, err = d.Verifier.Verify(r.Context(), shown); err == nil {
			web.Log(r, slog.String("status_age", age.String()))
		}
	}
	if a.Problem = certificate.ProblemOf(err); a.Problem != "" {
		web.Log(r, slog.String("refused", err.Error()))
		return nil
	}
	return err
}
