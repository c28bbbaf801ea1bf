package servicenow

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"signpost/internal/platform/clock"
	"signpost/internal/platform/fetch"
)

// Client asks a ServiceNow instance by its Table API (reference, addendum K).
type Client struct {
	Address  string // of the instance: https://example.service-now.com
	Table    string // incident unless given
	ClientID string
	Secret   string
	Fetch    *fetch.Client
	Clock    clock.Clock

	mu      sync.Mutex
	token   string
	expires time.Time
}

// record is a row of a table of ServiceNow, by the names of its fields.
type record map[string]string

// UnmarshalJSON reads the fields that are texts. Those that name another row are objects where they are not empty.
func (r *record) UnmarshalJSON(data []byte) error {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(data, &fields); err != nil {
		return fmt.Errorf("read a row: %w", err)
	}
	*r = record{}
	for name, value := range fields {
		var text string
		if json.Unmarshal(value, &text) == nil {
			(*r)[name] = text
		}
	}
	return nil
}

// ErrLater is an answer that says that the instance has no time now: too many requests, or trouble of its own. After
// says when to ask again; it is 0 where the instance does not.
type ErrLater struct {
	Status int
	After  time.Duration
}

// Error names the status.
func (e *ErrLater) Error() string {
	return "ServiceNow has no time now: status " + strconv.Itoa(e.Status)
}

// ErrRefused is an answer that says that the instance will not do it, however often it is asked.
type ErrRefused struct {
	Status          int
	Message, Detail string
}

// Error says what ServiceNow said.
func (e *ErrRefused) Error() string {
	return fmt.Sprintf("ServiceNow refused: status %d: %s: %s", e.Status, e.Message, e.Detail)
}

var (
	errNoRecord   = errors.New("ServiceNow has no such record")
	errUnreadable = errors.New("ServiceNow answered what cannot be read")
)

func (c *Client) table() string {
	if c.Table == "" {
		return "incident"
	}
	return c.Table
}

// byCorrelation finds the record that was made for a ticket, or errNoRecord.
func (c *Client) byCorrelation(ctx context.Context, id string) (record, error) {
	list, err := c.list(ctx, question{table: c.table(), query: "correlation_id=" + id, fields: recordFields, limit: 1})
	if err == nil && len(list) == 0 {
		err = errNoRecord
	}
	if err != nil {
		return nil, err
	}
	return list[0], nil
}

// question asks for rows of a table. Only the fields are answered that it names: a whole row is many times as long, and
// an answer that is too long is none.
type question struct {
	table, query string
	fields       []string
	skip, limit  int
}

// The fields that are asked for.
var (
	recordFields = []string{"sys_id", "number", "state", "correlation_id", "sys_updated_on", "sys_created_by"}
	entryFields  = []string{"sys_id", "value", "sys_created_by"}
)

const journal = "sys_journal_field"

// list lists rows of a table.
func (c *Client) list(ctx context.Context, q question) (list []record, err error) {
	at := url.Values{"sysparm_query": {q.query}, "sysparm_fields": {strings.Join(q.fields, ",")},
		"sysparm_limit": {strconv.Itoa(q.limit)}, "sysparm_offset": {strconv.Itoa(q.skip)},
		"sysparm_exclude_reference_link": {"true"}}
	err = c.do(ctx, http.MethodGet, "/api/now/table/"+q.table+"?"+at.Encode(), "", nil, &list)
	return list, err
}

// create makes a record.
func (c *Client) create(ctx context.Context, fields record) (made record, err error) {
	err = c.send(ctx, http.MethodPost, "/api/now/table/"+c.table(), fields, &made)
	return made, err
}

// update changes fields of a record.
func (c *Client) update(ctx context.Context, id string, fields record) (changed record, err error) {
	err = c.send(ctx, http.MethodPatch, "/api/now/table/"+c.table()+"/"+url.PathEscape(id), fields, &changed)
	return changed, err
}

func (c *Client) send(ctx context.Context, method, at string, fields record, result any) error {
	body, err := json.Marshal(fields)
	if err != nil {
		return fmt.Errorf("write a record: %w", err)
	}
	return c.do(ctx, method, at, "application/json", body, result)
}

// do asks once, and once more with a new token where the one at hand is not taken.
func (c *Client) do(ctx context.Context, method, at, kind string, body []byte, result any) error {
	for again := range 2 {
		token, err := c.bearer(ctx, again > 0)
		if err != nil {
			return err
		}
		answer, status, header, err := c.once(ctx, method, at, kind, body, token)
		if err != nil {
			return err
		}
		if status == http.StatusUnauthorized && again == 0 {
			continue
		}
		if err := problem(status, header, answer); err != nil {
			return err
		}
		return readResult(answer, result)
	}
	return &ErrRefused{Status: http.StatusUnauthorized, Message: "the token is not taken"}
}

func readResult(answer []byte, result any) error {
	if result == nil {
		return nil
	}
	whole := struct {
		Result any `json:"result"`
	}{result}
	if err := json.Unmarshal(answer, &whole); err != nil {
		return fmt.Errorf("%w: %w", errUnreadable, err)
	}
	return nil
}

func (c *Client) once(
	ctx context.Context, method, at, kind string, body []byte, token string,
) (answer []byte, status int, header http.Header, err error) {
	r, err := http.NewRequestWithContext(ctx, method, strings.TrimSuffix(c.Address, "/")+at, bytes.NewReader(body))
	if err != nil {
		return nil, 0, nil, fmt.Errorf("ask ServiceNow: %w", err)
	}
	r.Header.Set("Accept", "application/json")
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	got, err := c.Fetch.Do(r)
	if err != nil {
		return nil, 0, nil, fmt.Errorf("ask ServiceNow: %w", err)
	}
	answer, err = io.ReadAll(got.Body)
	err = errors.Join(err, got.Body.Close())
	if errors.Is(err, fetch.ErrTooLarge) {
		err = errors.Join(errUnreadable, err)
	}
	if err != nil {
		return nil, 0, nil, fmt.Errorf("read what ServiceNow answered: %w", err)
	}
	return answer, got.StatusCode, got.Header, nil
}

// problem is what an answer that is no success means.
func problem(status int, header http.Header, answer []byte) error {
	switch {
	case status/100 == 2:
		return nil
	case status == http.StatusTooManyRequests || status/100 == 5 || status == http.StatusRequestTimeout:
		seconds, _ := strconv.Atoi(header.Get("Retry-After"))
		return &ErrLater{Status: status, After: time.Duration(max(0, seconds)) * time.Second}
	}
	var said struct {
		Error struct{ Message, Detail string }
	}
	_ = json.Unmarshal(answer, &said) // some proxies answer in other words
	return &ErrRefused{Status: status, Message: said.Error.Message, Detail: said.Error.Detail}
}

// early is how long before its end a token is not used any more.
const early = 30 * time.Second

// bearer gives a token of the client's own, a new one where the one at hand is over or was not taken.
func (c *Client) bearer(ctx context.Context, anew bool) (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !anew && c.token != "" && c.Clock.Now().Before(c.expires) {
		return c.token, nil
	}
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {c.ClientID}, "client_secret": {c.Secret}}
	answer, status, header, err := c.once(ctx, http.MethodPost, "/oauth_token.do",
		"application/x-www-form-urlencoded", []byte(form.Encode()), "")
	if err == nil {
		err = problem(status, header, answer)
	}
	if err != nil {
		return "", fmt.Errorf("get a token: %w", err)
	}
	var got struct {
		Token   string      `json:"access_token"`
		Expires json.Number `json:"expires_in"`
	}
	if err := json.Unmarshal(answer, &got); err != nil || got.Token == "" {
		return "", fmt.Errorf("get a token: the answer has none: %w", errors.Join(err))
	}
	seconds, _ := got.Expires.Int64()
	c.token = got.Token
	c.expires = c.Clock.Now().Add(time.Duration(seconds)*time.Second - early)
	return c.token, nil
}

// Try gets a token and looks at the table, as for a ticket, and changes nothing.
func (c *Client) Try(ctx context.Context) error {
	_, err := c.list(ctx, question{table: c.table(), query: "correlation_id=signpost-doctor", fields: recordFields,
		limit: 1})
	return err
}
