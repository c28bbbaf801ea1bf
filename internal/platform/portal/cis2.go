package portal

import (
	"context"
	"errors"
	"fmt"
	"net/url"

	"signpost/internal/national/cis2"
	"signpost/internal/platform/relying"
)

// CIS2 signs people in at CIS2 for a site of ours. Its errors carry a text for the person.
type CIS2 struct {
	*relying.Client
	Minimum cis2.Levels // that everybody needs to enter
}

// Start begins a sign-in. It gives the address to send the browser to and a Pending to store until it comes back.
func (c *CIS2) Start(ctx context.Context, ask relying.Ask) (string, relying.Pending, error) {
	to, pending, err := c.Client.Start(ctx, ask)
	return to, pending, withWords(err)
}

// Came is somebody who came back from CIS2.
type Came struct {
	Person  cis2.Person
	IDToken string         // by which CIS2 knows the session again
	Access  relying.Access // with which CIS2 is asked about the person again
}

// Again gives what CIS2 says now of somebody who came before, by the access token that it gave then.
func (c *CIS2) Again(ctx context.Context, access, subject string) (cis2.Current, error) {
	info, err := c.Client.Again(ctx, access, subject)
	if err != nil {
		return cis2.Current{}, err
	}
	current, err := cis2.ReadCurrent(info)
	if err != nil {
		return cis2.Current{}, fmt.Errorf("%w: %w", relying.Untrusted, err)
	}
	return current, nil
}

// Redeem gives the person who signed in, from the parameters with which the browser came back, if their levels are
// enough for the site and for the request.
func (c *CIS2) Redeem(ctx context.Context, pending relying.Pending, query url.Values) (Came, error) {
	answer, err := c.Client.Redeem(ctx, pending, query)
	if err != nil {
		return Came{}, withWords(err)
	}
	p, err := cis2.Read(answer.Claims, answer.UserInfo)
	if err != nil {
		return Came{}, withWords(fmt.Errorf("%w: %w", relying.Untrusted, err))
	}
	err = p.Check(pending.ACR, c.Minimum)
	switch {
	case errors.Is(err, cis2.ErrIdentityLow):
		return Came{}, withWords(fmt.Errorf("%w: %w", IdentityLow, err))
	case err != nil:
		return Came{}, withWords(fmt.Errorf("%w: %w", relying.AuthenticationLow, err))
	}
	return Came{Person: p, IDToken: answer.IDToken, Access: answer.Access}, nil
}
