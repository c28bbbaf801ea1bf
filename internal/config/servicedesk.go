package config

import (
	"errors"
	"fmt"
	"net/mail"
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
