// Package cards is the command for the smartcard in a reader of this machine. What it does there, a registration
// authority has allowed by a code, or the card itself asks for; Care Identity Management issues the certificates.
package cards

import (
	"bytes"
	"context"
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"

	"signpost/internal/command/cli"
	"signpost/internal/national/cards"
	"signpost/internal/platform/cardreader"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/fetch"
	"signpost/internal/platform/random"
	"signpost/internal/platform/when"
)

// Command works with the smartcard in a reader.
var Command = cli.Command{
	Name:  "card",
	Help:  "The smartcard in a reader of this machine: read, issue, renew or unlock it.",
	Flags: func() any { return new(flags) },
}

type flags struct {
	Read   read   `cmd:"" help:"Say what is on the card."`
	Issue  issue  `cmd:"" help:"Make a key on a blank card and have its first certificate issued."`
	Renew  renew  `cmd:"" help:"Have another certificate issued, in the last 90 days of the one before or by a code."`
	Unlock unlock `cmd:"" help:"Set another PIN, by a code."`
}

// reader is the reader with the card.
type reader struct {
	Module string `required:"" type:"path" help:"The PKCS#11 library of the card's maker." placeholder:"FILE"`
}

// desk is where cards are issued, and how the card is opened.
type desk struct {
	reader
	cli.Output
	Server  string `required:"" help:"The address of Care Identity Management." placeholder:"URL"`
	PINFile string `name:"pin-file" required:"" type:"path" help:"A file with the PIN of the card, of 6 to 8 digits." placeholder:"FILE"`
}

// read says what is on the card.
type read struct {
	reader
	cli.Output
}

// onCard is a certificate on a card, as --json prints it.
type onCard struct {
	CareIdentity string `json:"care_identity"`
	Issuer       string `json:"issuer"`
	Until        string `json:"until"`
}

// Run says what is on the card.
func (c *read) Run(_ context.Context, p *cli.Printer) (err error) {
	card, err := cardreader.Open(c.Module)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, card.Close()) }()
	certificates, err := card.Certificates()
	if err != nil {
		return err
	}
	list := []onCard{}
	for _, one := range certificates {
		list = append(list, onCard{
			CareIdentity: one.Subject.CommonName, Issuer: one.Issuer.String(), Until: when.Date(one.NotAfter),
		})
	}
	return p.Result(list, func() {
		p.Say("Card %q with %d certificates.", card.Label(), len(list))
		for _, one := range list {
			p.Say("  %s, issued by %s, until %s", one.CareIdentity, one.Issuer, one.Until)
		}
	})
}

// done is what came of an act, as --json prints it.
type done struct {
	Card  string `json:"card"`
	Until string `json:"until,omitempty"`
}

var goodPIN = regexp.MustCompile(`^[0-9]{6,8}$`)

// pin reads the PIN.
func (d desk) pin() (string, error) {
	text, err := os.ReadFile(d.PINFile)
	if err != nil {
		return "", fmt.Errorf("read the PIN: %w", err)
	}
	pin := strings.TrimSpace(string(text))
	if !goodPIN.MatchString(pin) {
		return "", cli.UsageError("--pin-file: the PIN must have 6 to 8 digits")
	}
	return pin, nil
}

// open opens the card.
func (d desk) open() (card cardreader.Card, pin string, err error) {
	if pin, err = d.pin(); err != nil {
		return nil, "", err
	}
	card, err = cardreader.Open(d.Module)
	return card, pin, err
}

// ask asks Care Identity Management, whose address was named and may be in a private network.
func (d desk) ask(ctx context.Context, path string, asked cards.Request) (got cards.Response, err error) {
	server, err := url.Parse(d.Server)
	if err != nil || server.Host == "" {
		return got, cli.UsageError("--server must be an address like https://cim.example.nhs.uk")
	}
	if server.Scheme != "https" && !fetch.ThisMachine(server.Hostname()) {
		return got, cli.UsageError("--server must begin with https: over http, others on the way read the code")
	}
	body, err := json.Marshal(asked)
	if err != nil {
		return got, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimSuffix(d.Server, "/")+path,
		bytes.NewReader(body))
	if err != nil {
		return got, err
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := fetch.New(fetch.Options{PrivateHosts: []string{server.Hostname()}}).Do(req)
	if err != nil {
		return got, err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err == nil {
		err = json.Unmarshal(text, &got)
	}
	switch {
	case got.Problem != "":
		return got, fault.SayCure(fault.Forbidden, got.Problem, got.Cure)
	case err != nil || res.StatusCode != http.StatusOK:
		return got, errors.Join(fmt.Errorf("%s: status %d, and no answer of its own", d.Server, res.StatusCode), err)
	}
	return got, nil
}

// request makes a card's request for a certificate.
func request(k cardreader.Key) ([]byte, error) {
	template := &x509.CertificateRequest{
		Subject: pkix.Name{CommonName: "smartcard"}, SignatureAlgorithm: x509.SHA256WithRSA,
	}
	return x509.CreateCertificateRequest(nil, template, k)
}

// keep writes the certificate that was issued for a key to the card.
func keep(card cardreader.Card, k cardreader.Key, got cards.Response) error {
	c, err := x509.ParseCertificate(got.Certificate)
	if err != nil {
		return fmt.Errorf("read the certificate that was issued: %w", err)
	}
	return card.Keep(k, c)
}

// issue issues a card.
type issue struct {
	desk
	Code string `required:"" help:"The code that the registration authority made." placeholder:"CODE"`
}

const unlockDigits = 8

// Run issues a card.
func (c *issue) Run(ctx context.Context, p *cli.Printer) (err error) {
	card, pin, err := c.open()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, card.Close()) }()
	if !card.Blank() {
		return fault.SayCure(fault.Conflict, "The card in the reader is not blank.",
			"Put a blank card in, or make this one blank with the tool of its maker. To renew or unlock it, ask for a "+
				"code for that.")
	}
	unlockKey := random.Digits(unlockDigits)
	if err := card.Prepare("Signpost "+random.Digits(6), unlockKey, pin); err != nil {
		return err
	}
	if err := card.Enter(pin); err != nil {
		return err
	}
	k, err := card.NewKey()
	if err != nil {
		return err
	}
	asked, err := request(k)
	if err != nil {
		return err
	}
	got, err := c.ask(ctx, cards.IssuePath, cards.Request{Code: c.Code, Request: asked, UnlockKey: unlockKey})
	if err != nil {
		return errors.Join(err, card.Drop(k))
	}
	if err := keep(card, k, got); err != nil {
		return err
	}
	return p.Result(done{Card: card.Label(), Until: when.Date(got.Until)}, func() {
		p.Say("The card %q is issued. Its certificate ends on %s.", card.Label(), when.Date(got.Until))
	})
}

// renew renews a card.
type renew struct {
	desk
	Code string `help:"The code that the registration authority made; without it the card itself asks, in its last 90 days." placeholder:"CODE"`
}

// Run renews a card.
func (c *renew) Run(ctx context.Context, p *cli.Printer) (err error) {
	card, pin, err := c.open()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, card.Close()) }()
	if card.Blank() {
		return errBlank
	}
	if err := card.Enter(pin); err != nil {
		return err
	}
	k, err := card.NewKey()
	if err != nil {
		return err
	}
	asked := cards.Request{Code: c.Code}
	if asked.Request, err = request(k); err != nil {
		return err
	}
	if c.Code == "" {
		if err := byItself(card, &asked); err != nil {
			return errors.Join(err, card.Drop(k))
		}
	}
	got, err := c.ask(ctx, cards.RenewPath, asked)
	if err != nil {
		return errors.Join(err, card.Drop(k))
	}
	if err := keep(card, k, got); err != nil {
		return err
	}
	return p.Result(done{Card: card.Label(), Until: when.Date(got.Until)}, func() {
		p.Say("The card %q is renewed. Its certificate ends on %s.", card.Label(), when.Date(got.Until))
	})
}

var errBlank = fault.SayCure(fault.Conflict, "The card in the reader is blank.",
	"Ask the registration authority for a code to issue it.")

// byItself has a card sign its request with the key that it has.
func byItself(card cardreader.Card, asked *cards.Request) error {
	all, err := card.Certificates()
	if err != nil {
		return err
	}
	if len(all) != 1 {
		return fault.SayCure(fault.Conflict, "The card has no certificate, or several.",
			"Ask the registration authority for a code to renew it.")
	}
	old, err := card.KeyOf(all[0])
	if err != nil {
		return err
	}
	sum := sha256.Sum256(asked.Request)
	asked.Old = all[0].Raw
	asked.Signature, err = old.Sign(nil, sum[:], crypto.SHA256)
	return err
}

// unlock sets another PIN.
type unlock struct {
	desk
	Code string `required:"" help:"The code that the registration authority made. It works for 15 minutes." placeholder:"CODE"`
}

// Run sets another PIN.
func (c *unlock) Run(ctx context.Context, p *cli.Printer) (err error) {
	card, pin, err := c.open()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, card.Close()) }()
	if card.Blank() {
		return errBlank
	}
	got, err := c.ask(ctx, cards.UnlockPath, cards.Request{Code: c.Code})
	if err != nil {
		return err
	}
	if err := card.Unlock(got.UnlockKey, pin); err != nil {
		return err
	}
	return p.Result(done{Card: card.Label()}, func() { p.Say("The card %q has the new PIN.", card.Label()) })
}
