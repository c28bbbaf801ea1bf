package page

import (
	"net/url"
	"strings"

	"signpost/internal/platform/reference"
)

// Desk says how people reach the service desk. What is not known is empty.
type Desk struct {
	Line string // all of it in one line, for where there is no room for more

	// Portal is the address where people raise a ticket themselves. {short_description} in it stands for how a ticket's
	// short description begins, and {reference} for the reference of the page that people come from.
	Portal    string
	Prefix    string // with which the short description of a ticket begins
	Email     string
	Telephone string
	Hours     string // when somebody answers, in words
}

// DeskWords say how the service desk is reached.
type DeskWords struct {
	Ask       string // heads the list
	Ticket    string // is the link to where a ticket is raised
	Best      string // says that this is the best way
	Email     string // stands before the address
	Subject   string // stands before what the subject begins with
	Telephone string // stands before the number
	Urgent    string // says when to telephone
}

var inEnglish = DeskWords{
	Ask: "To ask the service desk for help:", Ticket: "raise a ticket", Best: "this is the best way", Email: "email",
	Subject: "and begin the subject with", Telephone: "telephone", Urgent: "please call if your query is urgent",
}

// Known reports whether there is any way to reach it.
func (d Desk) Known() bool { return d.Portal != "" || d.Email != "" || d.Telephone != "" }

// subject begins the short description of a ticket about what has a reference, which may be none.
func (d Desk) subject(ref string) string {
	if ref == "" {
		return d.Prefix
	}
	return d.Prefix + "reference " + reference.Show(ref)
}

// portal gives the address where people raise a ticket about what has a reference.
func (d Desk) portal(ref string) string {
	return strings.NewReplacer("{short_description}", url.QueryEscape(d.subject(ref)), "{reference}",
		url.QueryEscape(reference.Show(ref))).Replace(d.Portal)
}

func (d Desk) mail(ref string) string { return MailTo(d.Email, d.subject(ref), "") }

func (d Desk) hoursText() string {
	if d.Hours == "" {
		return ""
	}
	return "(" + d.Hours + ")"
}
