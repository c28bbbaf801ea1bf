package relying

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"signpost/internal/platform/jwt"
	"signpost/internal/platform/random"
)

// Seen says what a provider shows to everybody.
type Seen struct {
	Token string        // the address at which codes are redeemed, as its metadata has it
	Keys  int           // how many keys it publishes
	Ahead time.Duration // how far its clock is ahead of ours, to a second or so
}

// Look reads the provider's metadata and keys anew, and compares the clocks. The error says what could not be reached
// or read.
func (c *Client) Look(ctx context.Context) (Seen, error) {
	p, err := c.discover(ctx)
	if err != nil {
		return Seen{}, err
	}
	seen := Seen{Token: p.Token}
	if seen.Ahead, err = c.ahead(ctx); err != nil {
		return seen, err
	}
	seen.Keys, err = c.countKeys(ctx, p)
	return seen, err
}

// Prove proves the client to the provider without anybody who signs in: it redeems a code that nobody was given. A
// provider that accepts the client refuses the code and nothing else, which is no error. The error is ClientRefused
// where it does not accept the client.
func (c *Client) Prove(ctx context.Context) error {
	p, err := c.discover(ctx)
	if err != nil {
		return err
	}
	_, err = c.exchange(ctx, p, Pending{Verifier: random.Secret()}, "nobody-was-given-this-"+random.ID())
	switch {
	case errors.Is(err, CodeRefused):
		return nil
	case err == nil:
		return errors.New("the provider gave tokens for a code that nobody was given")
	}
	return err
}

func (c *Client) countKeys(ctx context.Context, p *provider) (int, error) {
	text, err := c.config.Fetch.Bytes(ctx, p.Keys, nil)
	if err != nil {
		return 0, err
	}
	set, err := jwt.ParseSet(text)
	if err != nil {
		return 0, fmt.Errorf("keys at %s: %w", p.Keys, err)
	}
	if set.Len() == 0 {
		return 0, fmt.Errorf("keys at %s: there are none", p.Keys)
	}
	return set.Len(), nil
}

// ahead compares the provider's clock, by the date of an answer, with ours.
func (c *Client) ahead(ctx context.Context) (time.Duration, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.config.DiscoveryURL, nil)
	if err != nil {
		return 0, fmt.Errorf("discovery: %w", err)
	}
	answer, err := c.config.Fetch.Do(req)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	theirs, err := http.ParseTime(answer.Header.Get("Date"))
	if err != nil {
		return 0, nil // an answer without its date says nothing of the clock
	}
	return theirs.Sub(c.config.Clock.Now()).Round(time.Second), nil
}
