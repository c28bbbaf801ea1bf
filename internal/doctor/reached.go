package doctor

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"time"

	"signpost/internal/app"
	"signpost/internal/national/cis2"
	wire "signpost/internal/national/extract"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/jwt"
	"signpost/internal/platform/portal"
	"signpost/internal/platform/relying"
	"signpost/internal/platform/when"
)

// mailServer connects to the mail server and logs in there. It sends nothing.
func (x *examination) mailServer(ctx context.Context) {
	const check = "mail server"
	m := x.Config.Mail
	if m.Host == "" {
		x.wait(check, "none is named.", "Set mail.host.")
		return
	}
	at := fmt.Sprintf("%s:%d", m.Host, m.Port)
	if err := app.MailServer(m).Try(ctx); err != nil {
		x.fail(check, at+": "+fault.InOneLine(err),
			"See whether it takes mail from this machine, and mend host, port, username or password under [mail].")
		return
	}
	x.ok(check, "%s answers and takes mail of %s", at, m.From)
}

// textGateway reads the template of text messages at the gateway. It sends nothing.
func (x *examination) textGateway(ctx context.Context) {
	const check = "text messages"
	to := x.Config.Text
	if !to.Set() {
		return
	}
	if err := app.TextGateway(x.Config, x.Reach, x.Clock).Try(ctx); err != nil {
		x.fail(check, to.At()+": "+fault.InOneLine(err),
			"See whether the gateway is reached from here, and mend service, secret or template under [text].")
		return
	}
	x.ok(check, "%s answers and has the template", to.At())
}

// serviceNow gets a token of the instance in which tickets are kept, and looks at its table. It makes no record.
func (x *examination) serviceNow(ctx context.Context) {
	const check = "servicenow"
	to := x.Config.ServiceNow
	if !to.Set() {
		return
	}
	if err := app.ServiceNow(x.Config, x.Reach, x.Clock).Try(ctx); err != nil {
		x.fail(check, to.Address+": "+fault.InOneLine(err),
			"See whether the instance is reached from here, and mend address, table, client_id or client_secret under "+
				"[servicenow]. The client needs to read and write the table.")
		return
	}
	x.ok(check, "%s answers and lets the client read its table", to.Address)
}

// sites asks for something at each public address that only the site itself has, so that a name that leads elsewhere is
// seen.
func (x *examination) sites(ctx context.Context) {
	for _, site := range []struct{ name, address, path string }{
		{"dos", x.Config.Addresses.DoS, portal.KeysPath},
		{"cis2", x.Config.Addresses.CIS2, cis2.Realm + cis2.DiscoveryPath},
		{"cim", x.Config.Addresses.CIM, portal.KeysPath},
	} {
		if x.runs(site.name) && site.address != "" {
			x.answers[site.name] = x.site(ctx, "addresses."+site.name, site.address, site.path)
		}
	}
}

// renewal is how long before its end a certificate should have been renewed.
const renewal = 14 * 24 * time.Hour

// site asks at one address, and reports whether the site answered there.
func (x *examination) site(ctx context.Context, check, address, path string) bool {
	ends, err := x.ask(ctx, address+path)
	switch {
	case err != nil && !x.running:
		x.wait(check, address+" does not answer, and no node runs here: "+fault.InOneLine(err), startFirst)
	case err != nil:
		x.fail(check, address+": "+fault.InOneLine(err), "See whether the name leads to your proxy, the proxy to "+
			x.Config.Listen+" with the host as it came, and whether its certificate is one that this machine trusts.")
	case !ends.IsZero() && ends.Sub(x.Clock.Now()) < renewal:
		x.fail(check, address+" answers; its certificate ends on "+when.Date(ends)+".", "Renew the certificate.")
	case !ends.IsZero():
		x.ok(check, "%s answers; its certificate ends on %s", address, when.Date(ends))
	default:
		x.ok(check, "%s answers", address)
	}
	return err == nil
}

// startFirst is what to do about what only a node that serves can answer.
const startFirst = "Start a node and look again."

// ask makes a request that must be answered with JSON of ours, and gives when the server's certificate ends: the zero
// time where there is none.
func (x *examination) ask(ctx context.Context, url string) (ends time.Time, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return ends, err
	}
	answer, err := x.Reach.Do(req)
	if err != nil {
		return ends, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return ends, fmt.Errorf("the answer is %s, which is none of the site's", answer.Status)
	}
	if answer.TLS != nil && len(answer.TLS.PeerCertificates) > 0 {
		ends = answer.TLS.PeerCertificates[0].NotAfter
	}
	return ends, nil
}

// cis2 looks whether CIS2 answers as it is named, and takes the directory for its client.
func (x *examination) cis2(ctx context.Context) {
	const check = "cis2"
	if !x.runs("dos") {
		return
	}
	if x.Config.Directory.Issuer == "" && !x.answers["cis2"] {
		x.wait(check, "was not asked: it is this system's own, and does not answer yet.", startFirst)
		return
	}
	key, missing, err := x.directoryKey()
	if err != nil {
		x.error("client key", err)
		return
	}
	client, err := relying.New(app.DirectoryClient(x.Config, key, x.Reach, x.Clock))
	if err != nil {
		x.error(check, err)
		return
	}
	seen, err := client.Look(ctx)
	if err != nil {
		x.fail(check, fault.InOneLine(err), "Mend directory.issuer and directory.discovery, exactly as CIS2 gives "+
			"them with their ports, and see whether this machine reaches that address.")
		return
	}
	x.ok(check, "answers; codes are redeemed at %s; keys published: %d", seen.Token, seen.Keys)
	x.clocks(seen.Ahead)
	x.client(ctx, client, key, missing)
}

// directoryKey gives the key by which the directory proves itself at CIS2. Where none was made yet, it gives one that
// proves nothing, and missing is set.
func (x *examination) directoryKey() (key jwt.Key, missing bool, err error) {
	err = fs.ErrNotExist
	if x.box != nil {
		key, err = app.DirectoryKey(x.Config, x.box)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return key, false, err
	}
	key, err = jwt.Generate(jwt.ES256)
	return key, true, err
}

// leeway is how far two clocks may be apart: a token that is signed now is not valid yet for a clock that is behind.
const leeway = 30 * time.Second

func (x *examination) clocks(ahead time.Duration) {
	if ahead.Abs() <= leeway {
		x.ok("clock", "within %s of CIS2's", leeway)
		return
	}
	side := "ahead of"
	if ahead > 0 {
		side = "behind"
	}
	x.fail("clock", fmt.Sprintf("this machine is %s %s CIS2.", ahead.Abs(), side),
		"Let the machine's clock follow a time server, such as with chrony.")
}

// client looks whether CIS2 takes the directory for its client. It is not tried where CIS2 could not read its key set,
// because CIS2 may remember for a while that there is none.
func (x *examination) client(ctx context.Context, client *relying.Client, key jwt.Key, missing bool) {
	const check = "client"
	id := app.DirectoryClientID(x.Config)
	switch {
	case missing:
		x.wait(check, id+" was not tried: it has no key yet.",
			"Run signpost keys client, which makes it and shows the key set that CIS2 is to know.")
		return
	case !x.answers["dos"]:
		x.wait(check, id+" was not tried: nobody serves its key set yet.", startFirst)
		return
	}
	if refused := client.Prove(ctx); refused != nil {
		x.fail(check, id+": "+fault.InOneLine(refused), fmt.Sprintf("Register at CIS2, for this client id, "+
			"private_key_jwt with %s and the key set at %s%s, and let CIS2 reach that address.",
			key.Algorithm, x.Config.Addresses.DoS, portal.KeysPath))
		return
	}
	x.ok(check, "CIS2 takes the directory for %s, by its %s", id, key)
}

// extract asks the care identity side about nobody, where its address is configured.
func (x *examination) extract(ctx context.Context) {
	const check = "extract"
	if !x.runs("dos") || x.Config.Extract.URL == "" {
		return
	}
	key, missing, err := x.directoryKey()
	if err != nil || missing {
		return // said of the client key
	}
	asker := app.ExtractClient(x.Config, key, x.Reach, x.Clock)
	if _, err := asker.Ask(ctx, wire.Question{Ref: "doctor", Email: "nobody@doctor.invalid"}); err != nil {
		x.fail(check, x.Config.Extract.URL+": "+fault.InOneLine(err), "Mend extract.url, or take it out.")
		return
	}
	x.ok(check, "%s answers questions about people", x.Config.Extract.URL)
}
