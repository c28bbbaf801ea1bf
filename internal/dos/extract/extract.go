// Package extract asks the care identity side for facts about people over HTTP. It stores nothing and decides
// nothing.
package extract

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	wire "signpost/internal/national/extract"
	"signpost/internal/platform/clock"
	"signpost/internal/platform/fetch"
	"signpost/internal/platform/jwt"
	"signpost/internal/platform/random"
)

// Client sends questions to the care identity side. Each call carries its own token, signed with the directory's
// key and valid for the extract only, for less than 60 seconds.
type Client struct {
	URL   string // of the care identity side's site, without the path
	ID    string // the directory's client id there
	Key   jwt.Key
	Fetch *fetch.Client
	Clock clock.Clock
}

// Ask asks about one person.
func (c *Client) Ask(ctx context.Context, q wire.Question) (wire.Answer, error) {
	answers, err := c.AskAll(ctx, []wire.Question{q})
	if err != nil {
		return wire.Answer{}, err
	}
	return answers[0], nil
}

// AskAll asks about several people at once, at most extract.MaxBatch.
func (c *Client) AskAll(ctx context.Context, questions []wire.Question) ([]wire.Answer, error) {
	request := wire.Request{Version: wire.Version, Questions: questions}
	response, err := c.send(ctx, request)
	if err == nil {
		err = response.Check(request)
	}
	if err != nil {
		return nil, fmt.Errorf("extract: %w", err)
	}
	return response.Answers, nil
}

func (c *Client) send(ctx context.Context, request wire.Request) (response wire.Response, err error) {
	token, err := c.token()
	if err != nil {
		return response, err
	}
	body, err := json.Marshal(request)
	if err != nil {
		return response, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.URL+wire.Path, bytes.NewReader(body))
	if err != nil {
		return response, err
	}
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Content-Type", "application/json")
	answer, err := c.Fetch.Do(r)
	if err != nil {
		return response, err
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusOK {
		return response, fmt.Errorf("answered %s", answer.Status)
	}
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return response, err
	}
	return response, json.Unmarshal(text, &response)
}

func (c *Client) token() (string, error) {
	now := c.Clock.Now()
	return jwt.Sign(c.Key, wire.TokenType, map[string]any{
		"iss": c.ID, "sub": c.ID, "aud": wire.Audience(c.URL), "jti": random.ID(),
		"iat": now.Unix(), "exp": now.Add(wire.TokenMaxAge - 5*time.Second).Unix(),
	})
}
