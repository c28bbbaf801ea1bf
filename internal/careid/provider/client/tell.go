package client

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"signpost/internal/careid/provider/team"
	"signpost/internal/national/path"
	"signpost/internal/platform/db"
	"signpost/internal/platform/mail"
)

// letter says in a mail what happened to a client.
type letter struct {
	kind    string
	subject string
	text    string
	also    []string // addresses beside those of the team and the contact
}

// tell mails the members of a client's team and its contact, each once, as a part of an Update. Nobody has looked at
// the contact of a client on trial, which may be anybody's mailbox: it is not written to.
func (g Registry) tell(ctx context.Context, w *db.W, c Client, l letter) error {
	to, err := team.Addresses(ctx, w, c.Team)
	if err != nil {
		return err
	}
	to = append(to, l.also...)
	if !c.OnTrial() {
		to = append(to, c.Contact)
	}
	return g.Post.Tell(ctx, w, mail.Message{Kind: l.kind, Subject: l.subject, Text: l.text + g.signature(w, c)}, to)
}

// signature ends a letter: which client it is about, who did it, and what to do if nobody of the team knows of it.
func (g Registry) signature(w *db.W, c Client) string {
	return fmt.Sprintf("\n\nThe client: %s (%s)\nWho did it: %s\nIts page: %s\n\n"+
		"If you did not expect this, suspend the client on its page, and tell the operators of the service.\n",
		c.Name, c.ID, w.Actor().Name, g.Address+path.ConnectionsPage+"/clients/"+url.PathEscape(c.ID))
}

func secretMade(c Client, overlap time.Duration) letter {
	text := "A new secret was made for " + c.Name + ". "
	if overlap > 0 {
		text += fmt.Sprintf("The one before it works for another %s.", hours(overlap))
	} else {
		text += "The one before it ended at once."
	}
	return letter{kind: "client.secret-made", subject: "New secret for " + c.Name, text: text}
}

// hours gives a time in whole hours or days.
func hours(d time.Duration) string {
	count := int(d / time.Hour)
	unit := "hour"
	if count%24 == 0 {
		count /= 24
		unit = "day"
	}
	if count != 1 {
		unit += "s"
	}
	return fmt.Sprintf("%d %s", count, unit)
}

func secretEnded(c Client) letter {
	return letter{
		kind: "client.secret-ended", subject: "Old secret of " + c.Name + " ended",
		text: "The old secret of " + c.Name + " no longer works. Only the newest one does.",
	}
}

func approvedMail(c Client) letter {
	name := c.Wanted().Name
	return letter{
		kind: "client.approved", subject: name + " is approved",
		text: "The operators have approved " + name + ". Everybody can log in to it, with the settings that you " +
			"asked for.",
		also: []string{c.Contact},
	}
}

func notApprovedMail(c Client, reason string) letter {
	name := c.Wanted().Name
	stays := "It stays on trial: only your team can log in to it."
	if !c.OnTrial() {
		stays = "The settings that were approved before stay in force."
	}
	return letter{
		kind: "client.not-approved", subject: name + " is not approved",
		text: "The operators have not approved what you asked for. " + stays + "\n\nTheir reason:\n\n" +
			mail.Quote(reason) + "\n\nChange the settings, and ask again.",
		also: []string{c.Contact},
	}
}

// sensitive are the settings that decide who can speak as the client, or where its answers go, each in words. Whoever
// looks after it is told of a change.
var sensitive = map[string]string{
	"token_endpoint_auth_method":      "how it authenticates",
	"token_endpoint_auth_signing_alg": "how it signs",
	"jwks":                            "its public keys",
	"jwks_uri":                        "the address of its public keys",
	"redirect_uris":                   "its redirect URIs",
	"contact":                         "the email address for questions",
}

// Sensitive reports whether a change from one client to another is one of those that people are told of.
func Sensitive(before, after Client) bool {
	return slices.ContainsFunc(Difference(before, after), func(name string) bool { return sensitive[name] != "" })
}

// tellOfChange tells the team and the contact, also the one before, if the change is one of which they are told.
func (g Registry) tellOfChange(ctx context.Context, w *db.W, before, after Client, names []string) error {
	text := ""
	old := before.Wanted().Values()
	values := after.Values()
	for _, name := range names {
		if what := sensitive[name]; what != "" {
			text += fmt.Sprintf("\n\nChanged: %s\nBefore: %s\nNow: %s", what, orNothing(old[name]),
				orNothing(values[name]))
		}
	}
	if text == "" {
		return nil
	}
	l := letter{
		kind: "client.changed", subject: "Settings of " + before.Name + " changed",
		text: "Settings of " + before.Name + " were changed that decide who can speak as it, or where its answers " +
			"go." + text,
	}
	if !before.OnTrial() {
		l.also = []string{after.Contact, before.Wanted().Contact}
	}
	return g.tell(ctx, w, before, l)
}

// maxShown is how much of a setting a letter shows; the history shows all.
const maxShown = 300

func orNothing(value string) string {
	switch {
	case value == "":
		return "nothing"
	case len(value) > maxShown:
		return strings.ToValidUTF8(value[:maxShown], "") + "…"
	}
	return value
}

// contacts lists the addresses for questions about the clients of a team that were approved.
func contacts(ctx context.Context, r db.R, teamID string) (addresses []string, err error) {
	clients, _, err := Find(ctx, r, Search{Teams: []string{teamID}}, 0, maxClients)
	for _, c := range clients {
		if !c.Closed && !c.OnTrial() {
			addresses = append(addresses, c.Contact, c.Wanted().Contact)
		}
	}
	return addresses, err
}
