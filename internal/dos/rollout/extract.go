package rollout

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"signpost/internal/national/extract"
	"signpost/internal/platform/clock"
	"signpost/internal/platform/fetch"
	"signpost/internal/platform/jwt"
	"signpost/internal/platform/random"
)

// Extract asks the care identity side over HTTP. Each call carries a token of its own, signed with the
// directory's key, for the extract alone, for 60 seconds.
type Extract struct {
	URL    string // of the care identity side's site, without the path
	Client string // the directory's client id there
	Key    jwt.Key
	Fetch  *fetch.Client
	Clock  clock.Clock
}

// Ask asks about one person.
func (e *Extract) Ask(ctx context.Context, q extract.Question) (extract.Answer, error) {
	request := extract.Request{Version: extract.Version, Questions: []extract.Question{q}}
	response, err := e.send(ctx, request)
	if err != nil {
		return extract.Answer{}, fmt.Errorf("extract: %w", err)
	}
	if err := response.Check(request); err != nil {
		return extract.Answer{}, fmt.Errorf("extract: %w", err)
	}
	return response.Answers[0], nil
}

func (e *Extract) send(ctx context.Context, request extract.Request) (response extract.Response, err error) {
	token, err := e.token()
	if err != nil {
		return response, err
	}
	body, err := json.Marshal(request)
	if err != nil {
		return response, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, e.URL+extract.Path, bytes.NewReader(body))
	if err != nil {
		return response, err
	}
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Content-Type", "application/json")
	answer, err := e.Fetch.Do(r)
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

func (e *Extract) token() (string, error) {
	now := e.Clock.Now()
	return jwt.Sign(e.Key, extract.TokenType, map[string]any{
		"iss": e.Client, "sub": e.Client, "aud": extract.Audience(e.URL), "jti": random.ID(),
		"iat": now.Unix(), "exp": now.Add(extract.TokenMaxAge - 5*time.Second).Unix(),
	})
}
