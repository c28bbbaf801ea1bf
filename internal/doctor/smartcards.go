package doctor

import (
	"context"
	"fmt"
	"net/http"

	"signpost/internal/app/doorway"
	"signpost/internal/config"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/fetch"
	"signpost/internal/platform/when"
)

// smartcards looks whether the smartcard door can open, what authorities say of cards, and whether the door answers.
func (x *examination) smartcards(ctx context.Context) {
	const check = "smartcard"
	at := x.Config.Smartcard
	if at.IssuerKey != "" && x.runs("cim") {
		if _, err := doorway.Issuer(at, "", nil); err != nil {
			x.fail("smartcard.issuer_certificate", fault.InOneLine(err), "Mend the file or its name under [smartcard].")
		}
	}
	if !at.Set() || !x.runs("cis2") {
		return
	}
	v, err := doorway.Verifier(at, x.Clock, fetch.Options{PrivateHosts: x.Config.TrustedHosts()})
	if err == nil {
		_, err = doorway.TLS(at, v.Roots)
	}
	if err != nil {
		x.fail(check, fault.InOneLine(err), "Mend the file or its name under [smartcard].")
		return
	}
	now := x.Clock.Now()
	for _, c := range append(v.Roots, v.Intermediates...) {
		if now.After(c.NotAfter) || now.Before(c.NotBefore) {
			x.fail(check, fmt.Sprintf("the authority %q is valid from %s to %s.", c.Subject, when.Date(c.NotBefore),
				when.Date(c.NotAfter)), "Name its newer certificate under [smartcard], or take this one out.")
			return
		}
	}
	x.ok(check, "cards of %d authorities are accepted", len(v.Roots))
	if x.running {
		x.cardDoor(ctx, at)
	}
}

// cardDoor comes to the door without a card, which sends whoever does on to the sign-in service.
func (x *examination) cardDoor(ctx context.Context, at config.Smartcard) {
	const check = "smartcard.address"
	const cure = "See whether the name leads to the door, whether its certificate is one that this machine trusts, " +
		"and, where a proxy ends TLS, whether it lets those in who show no certificate."
	req, err := http.NewRequestWithContext(ctx, http.MethodHead, at.Address+"/", nil)
	if err != nil {
		x.fail(check, fault.InOneLine(err), cure)
		return
	}
	answer, err := x.Reach.HTTP().Transport.RoundTrip(req) // where the door leads is not asked
	if err != nil {
		x.fail(check, at.Address+": "+fault.InOneLine(err), cure)
		return
	}
	defer answer.Body.Close()
	to := answer.Header.Get("Location")
	want := config.Origin(x.Config.Addresses.CIS2) + "/"
	if answer.StatusCode != http.StatusSeeOther || to != want {
		x.fail(check, fmt.Sprintf("%s answers %s and leads to %q, not to %s.", at.Address, answer.Status, to, want),
			cure)
		return
	}
	x.ok(check, "%s answers without a card and leads to CIS2", at.Address)
}
