// Package extract asks the care identity side for facts about people over HTTP. It stores nothing and decides
// nothing.
package extract

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
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
	var response wire.Response
	err := c.send(ctx, wire.Path, request, &response)
	if err == nil {
		err = response.Check(request)
	}
	if err != nil {
		return nil, fmt.Errorf("extract: %w", err)
	}
	return response.Answers, nil
}

// Changes asks which people and addresses changed since an earlier answer, of which since is Next; empty before the
// first.
func (c *Client) Changes(ctx context.Context, since string) (changes wire.Changes, err error) {
	err = c.send(ctx, wire.ChangesPath, wire.ChangesRequest{Version: wire.Version, Since: since}, &changes)
	if err == nil {
		err = changes.Check()
	}
	if err != nil {
		return wire.Changes{}, fmt.Errorf("extract: %w", err)
	}
	return changes, nil
}

// The answers that whoever asks may do something about.
var (
	ErrRefused = errors.New("the request was refused as it is")     // 400
	ErrUnknown = errors.New("such requests are not answered there") // 404
)

// send sends a request, again where it comes too often, and reads the answer.
func (c *Client) send(ctx context.Context, path string, request, response any) error {
	body, err := json.Marshal(request)
	if err != nil {
		return err
	}
	for range maxTries {
		wait, err := c.sendOnce(ctx, path, body, response)
		if wait == 0 {
			return err
		}
		if err := (clock.System{}).Wait(ctx, wait); err != nil {
			return err
		}
	}
	return errors.New("asked too often, whatever was waited")
}

const (
	maxTries = 10
	maxWait  = 30 * time.Second
)

// sendOnce sends a request. Where it comes too often, it says how long to wait.
func (c *Client) sendOnce(ctx context.Context, path string, body []byte, response any) (wait time.Duration, err error) {
	token, err := c.token()
	if err != nil {
		return 0, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.URL+path, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Content-Type", "application/json")
	answer, err := c.Fetch.Do(r)
	if err != nil {
		return 0, err
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode == http.StatusTooManyRequests {
		return waitOf(answer.Header), nil
	}
	if err := problemOf(answer); err != nil {
		return 0, err
	}
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return 0, err
	}
	return 0, json.Unmarshal(text, response)
}

// waitOf is how long to wait after an answer that says so, a moment where it does not.
func waitOf(header http.Header) time.Duration {
	seconds, err := strconv.Atoi(header.Get("Retry-After"))
	if err != nil || seconds < 1 {
		return 100 * time.Millisecond
	}
	return min(time.Duration(seconds)*time.Second, maxWait)
}

func problemOf(answer *http.Response) error {
	switch answer.StatusCode {
	case http.StatusOK:
		return nil
	case http.StatusBadRequest:
		return fmt.Errorf("%w: answered %s", ErrRefused, answer.Status)
	case http.StatusNotFound:
		return fmt.Errorf("%w: answered %s", ErrUnknown, answer.Status)
	}
	return fmt.Errorf("answered %s", answer.Status)
}

func (c *Client) token() (string, error) {
	now := c.Clock.Now()
	return jwt.Sign(c.Key, wire.TokenType, map[string]any{
		"iss": c.ID, "sub": c.ID, "aud": wire.Audience(c.URL), "jti": random.ID(),
		"iat": now.Unix(), "exp": now.Add(wire.TokenMaxAge - 5*time.Second).Unix(),
	})
}
