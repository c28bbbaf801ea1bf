package config

import (
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// ServiceDesk says how people reach those who help them. All of it may be left out; pages and mails then name the
// service desk without saying how to reach it.
type ServiceDesk struct {
	Name      string `koanf:"name"`
	Telephone string `koanf:"telephone"`
	Email     string `koanf:"email"`
	Hours     string `koanf:"hours"` // in words: "8am to 6pm, Monday to Friday"

	// Portal is the address of another system where people raise tickets, in which {short_description} and {reference}
	// are filled in. Without it the directory has a form of its own.
	Portal string `koanf:"portal"`
}

// ukNumber is a telephone number that pages make a link.
var ukNumber = regexp.MustCompile(`^(?:\+44[ ()-]*\d|0)(?:[ ()-]*\d){9,10}$`)

// maxDeskText limits the name and the hours, which stand on every page.
const maxDeskText = 100

// Line gives all of it as one line, or nothing where neither a telephone number nor an email address is known.
func (d ServiceDesk) Line() string {
	var ways []string
	for _, way := range []string{d.Telephone, d.Email} {
		if way != "" {
			ways = append(ways, way)
		}
	}
	if len(ways) == 0 {
		return ""
	}
	name := d.Name
	if name == "" {
		name = "Service desk"
	}
	line := name + ": " + strings.Join(ways, ", ")
	if d.Hours != "" {
		line += " (" + d.Hours + ")"
	}
	return line
}

func (d ServiceDesk) check() (problems []error) {
	if d.Telephone != "" && !ukNumber.MatchString(d.Telephone) {
		problems = append(problems, fmt.Errorf("service_desk.telephone: %q must be a number like 0300 123 4567",
			d.Telephone))
	}
	if d.Email != "" {
		if address, err := mail.ParseAddress(d.Email); err != nil || address.Address != d.Email {
			problems = append(problems, fmt.Errorf("service_desk.email: %q must be an address like desk@example.nhs.uk",
				d.Email))
		}
	}
	if to, err := url.Parse(d.Portal); d.Portal != "" && (err != nil || to.Scheme != "https" || to.Host == "") {
		problems = append(problems, fmt.Errorf("service_desk.portal: %q must be an address that begins with https://",
			d.Portal))
	}
	if len(d.Name) > maxDeskText || len(d.Hours) > maxDeskText {
		problems = append(problems, fmt.Errorf("service_desk.name and service_desk.hours: at most %d letters each",
			maxDeskText))
	}
	if d.Telephone == "" && d.Email == "" && (d.Name != "" || d.Hours != "") {
		problems = append(problems, errors.New("service_desk: say how it is reached, by telephone or email"))
	}
	return problems
}

// ServiceNow says in which instance the tickets of the service desk are kept as well. Without an address they are kept
// in none.
type ServiceNow struct {
	Address      string `koanf:"address"` // "https://example.service-now.com"
	Table        string `koanf:"table"`   // incident unless given
	ClientID     string `koanf:"client_id"`
	ClientSecret string `koanf:"client_secret"`

	// Fields has the field of a record for those of ours that go elsewhere than usual; an empty one is not sent.
	Fields map[string]string `koanf:"fields"`
	// Values are sent with each new record: assignment_group, for one.
	Values map[string]string `koanf:"values"`
}

// serviceNowFields are the fields of ours that can go elsewhere.
var serviceNowFields = []string{
	"category", "contact_type", "description", "impact", "short_description", "urgency",
}

// Set reports whether there is an instance.
func (n ServiceNow) Set() bool { return n.Address != "" }

func (n ServiceNow) check() (problems []error) {
	if !n.Set() {
		if n.Table+n.ClientID+n.ClientSecret != "" || len(n.Fields)+len(n.Values) > 0 {
			problems = append(problems, errors.New("servicenow: say its address, as nothing is sent without it"))
		}
		return problems
	}
	if to, err := url.Parse(n.Address); err != nil || to.Host == "" || to.Scheme != "https" && !loopback(to) {
		problems = append(problems, fmt.Errorf("servicenow.address: %q must be an address that begins with https://",
			n.Address))
	}
	if n.ClientID == "" || n.ClientSecret == "" {
		problems = append(problems, errors.New("servicenow: say its client_id and its client_secret"))
	}
	for name := range n.Fields {
		if !slices.Contains(serviceNowFields, name) {
			problems = append(problems, fmt.Errorf("servicenow.fields: %q must be one of %s", name,
				strings.Join(serviceNowFields, ", ")))
		}
	}
	return problems
}

// loopback reports whether an address is on this machine, as that of a trial is.
func loopback(to *url.URL) bool { return to.Hostname() == "localhost" || to.Hostname() == "127.0.0.1" }

// MailIn says how the organisation's mail server gives mail to us: answers to the service desk, and reports about mail
// that does not arrive. Without an address to listen at none is taken.
type MailIn struct {
	Listen         string   `koanf:"listen"`          // "127.0.0.1:2525"
	Domain         string   `koanf:"domain"`          // of our addresses, such as desk@dos.example.nhs.uk
	Networks       []string `koanf:"networks"`        // from which mail is taken; this machine alone unless given
	Certificate    string   `koanf:"certificate"`     // file of the certificate for STARTTLS, and those it is signed by
	CertificateKey string   `koanf:"certificate_key"` // file of its key
}

// Set reports whether mail is taken.
func (m MailIn) Set() bool { return m.Listen != "" }

// thisMachine are the networks that a mail server on this machine has.
var thisMachine = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}

// From gives the networks from which mail is taken.
func (m MailIn) From() ([]netip.Prefix, error) {
	if len(m.Networks) == 0 {
		return thisMachine, nil
	}
	var list []netip.Prefix
	for _, text := range m.Networks {
		p, err := netip.ParsePrefix(text)
		if err != nil {
			return nil, fmt.Errorf("mail_in.networks: %q must be a network like 10.0.0.0/24", text)
		}
		list = append(list, p)
	}
	return list, nil
}

var mailDomain = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$`)

func (m MailIn) check() (problems []error) {
	if !m.Set() {
		if m.Domain+m.Certificate+m.CertificateKey != "" || len(m.Networks) > 0 {
			problems = append(problems, errors.New("mail_in: say where to listen, as no mail is taken without it"))
		}
		return problems
	}
	if _, _, err := net.SplitHostPort(m.Listen); err != nil {
		problems = append(problems, fmt.Errorf("mail_in.listen: %q must be an address like 127.0.0.1:2525", m.Listen))
	}
	if !mailDomain.MatchString(m.Domain) {
		problems = append(problems, fmt.Errorf("mail_in.domain: %q must be a domain in small letters, like "+
			"dos.example.nhs.uk", m.Domain))
	}
	if (m.Certificate == "") != (m.CertificateKey == "") {
		problems = append(problems, errors.New("mail_in.certificate and mail_in.certificate_key: set both, or take "+
			"both out"))
	}
	_, err := m.From()
	return append(problems, err)
}
