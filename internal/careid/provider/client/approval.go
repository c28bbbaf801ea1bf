package client

import (
	"encoding/json"
	"net/url"
	"slices"
	"time"
)

// Approval says how far the operators have approved a client. Until they have, it is on trial: only the members of its
// own team can log in to it. What a team changes later of an approved client waits in the same way, while what was
// approved stays in force.
type Approval struct {
	At      time.Time // when it was approved last; zero on trial
	Asked   time.Time // since when an operator is asked; zero if nobody is
	Refused string    // why the operators did not approve what they were asked for last; empty if they did not refuse

	waiting *Client // the settings that wait, if any do
}

// OnTrial reports whether the client has never been approved.
func (c Client) OnTrial() bool { return c.Approval.At.IsZero() }

// Waits reports whether the team wants settings that are not in force before they are approved.
func (c Client) Waits() bool { return c.Approval.waiting != nil }

// Wanted gives the client with the settings that its team wants: those that wait, or those in force.
func (c Client) Wanted() Client {
	if !c.Waits() {
		return c
	}
	wanted := *c.Approval.waiting
	wanted.ID = c.ID
	wanted.Active = c.Active
	wanted.Closed = c.Closed
	wanted.Team = c.Team
	wanted.Version = c.Version
	wanted.Approval = c.Approval
	wanted.secrets = c.secrets
	return wanted
}

// needApproval are the settings by which people know a service, and those by which it learns who they are.
var needApproval = []string{
	"backchannel_logout_uri", "client_name", "owner", "post_logout_redirect_uris", "redirect_uris", "scope",
}

// Unapproved names the settings that wait, in the order of their names.
func (c Client) Unapproved() []string { return Difference(c, c.Wanted()) }

// with gives what becomes of a client when its team wants other settings: those that hold now, those that wait, and
// what is asked of the operators.
func (c Client) with(wanted Client, now time.Time) (holds Client, waiting string, a Approval) {
	a = c.Approval
	if c.OnTrial() {
		return wanted, "", a
	}
	holds = c.holdingBack(wanted)
	if len(Difference(holds, wanted)) == 0 {
		return holds, "", Approval{At: a.At}
	}
	asksAnew := slices.ContainsFunc(Difference(c.Wanted(), wanted), func(name string) bool {
		return slices.Contains(needApproval, name)
	})
	if asksAnew {
		a.Asked = now
		a.Refused = ""
	}
	text, err := json.Marshal(wanted)
	if err != nil {
		return c, "", c.Approval // cannot happen: it holds texts, lists of texts and booleans
	}
	return holds, string(text), a
}

// holdingBack gives the settings that a team wants, but for what needs approval: an address at a host that is not
// approved, a scope that is not, another name, owner or logout address. Taking a host or a scope away needs none.
func (c Client) holdingBack(wanted Client) Client {
	holds := wanted
	holds.Name = c.Name
	holds.Owner = c.Owner
	holds.BackchannelLogoutURI = c.BackchannelLogoutURI
	holds.RedirectURIs = atHostsOf(c.RedirectURIs, wanted.RedirectURIs)
	holds.PostLogoutURIs = atHostsOf(c.PostLogoutURIs, wanted.PostLogoutURIs)
	holds.Scopes = slices.DeleteFunc(slices.Clone(wanted.Scopes), func(scope string) bool {
		return !slices.Contains(c.Scopes, scope)
	})
	return holds
}

// atHostsOf gives the wanted addresses whose host is that of an approved one. If there are none, the approved ones
// stay.
func atHostsOf(approved, wanted []string) []string {
	var hosts []string
	for _, uri := range approved {
		hosts = append(hosts, hostOf(uri))
	}
	holds := slices.DeleteFunc(slices.Clone(wanted), func(uri string) bool {
		return !slices.Contains(hosts, hostOf(uri))
	})
	if len(holds) == 0 && len(wanted) > 0 {
		return approved
	}
	return holds
}

// hostOf gives the scheme, host and port of an address.
func hostOf(uri string) string {
	u, err := url.Parse(uri)
	if err != nil {
		return "" // cannot happen: it was checked when it was registered
	}
	return u.Scheme + "://" + u.Host
}

// Serving gives the client with which a request to log somebody in is served that names an address and scopes, and
// whether it is on trial: then only the members of its team may log in. A request that what is in force does not allow
// is tried with what waits, under the name that is approved.
func (c Client) Serving(redirectURI string, scopes []string) (served Client, onTrial bool) {
	wanted := c.Wanted()
	if c.OnTrial() || !c.Waits() || c.allows(redirectURI, scopes) || !wanted.allows(redirectURI, scopes) {
		return c, c.OnTrial()
	}
	wanted.Name = c.Name
	wanted.Owner = c.Owner
	return wanted, true
}

// allows reports whether a request may name an address and scopes.
func (c Client) allows(redirectURI string, scopes []string) bool {
	return slices.Contains(c.RedirectURIs, redirectURI) && !slices.ContainsFunc(scopes, func(scope string) bool {
		return !slices.Contains(c.Scopes, scope)
	})
}

// waitingOf reads the settings that wait as their row holds them; nil if none do.
func waitingOf(text string) (*Client, error) {
	if text == "" {
		return nil, nil //nolint:nilnil // most clients have no settings that wait
	}
	c, err := settingsOf.Read(text)
	return &c, err
}
