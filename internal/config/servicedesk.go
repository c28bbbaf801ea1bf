package config

import (
	"errors"
	"fmt"
	"net/mail"
	"net/url"
	"regexp"
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
