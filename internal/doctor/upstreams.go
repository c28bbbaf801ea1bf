package doctor

import (
	"context"
	"errors"
	"strings"

	"signpost/internal/app"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/relying"
)

// upstreams looks whether the providers answer at which people have accounts, and whether each takes us for its client.
// Nobody logs in there.
func (x *examination) upstreams(ctx context.Context) {
	if !x.runs("cis2") {
		return
	}
	for _, u := range x.Config.Upstreams {
		check := "upstream " + u.Name
		client, err := app.Upstream(x.Config, u, x.Reach, x.Clock)
		if err == nil {
			_, err = client.Look(ctx)
		}
		if err != nil {
			x.fail(check, u.Issuer+": "+fault.InOneLine(err),
				"See whether it is reached from here, and mend its issuer or secret under [[upstreams]].")
			continue
		}
		if err := client.Prove(ctx); errors.Is(err, relying.ClientRefused) {
			x.fail(check, u.Issuer+" does not take us for its client.",
				"Mend client_id or client_secret under [[upstreams]]; a secret there may have ended.")
			continue
		}
		switch {
		case len(u.Organisations) == 0:
			x.ok(check, "%s answers; nobody may use it until organisations are named under [[upstreams]]", u.Issuer)
		default:
			x.ok(check, "%s answers; organisations that take part: %s", u.Issuer, strings.Join(u.Organisations, ", "))
		}
	}
}
