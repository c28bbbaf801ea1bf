// Package text sends text messages to mobile telephones, by a gateway that speaks the API of GOV.UK Notify.
//
// A text message is a mail.Message to a telephone number: it is committed, sealed, tried again and wiped as each mail
// is. The package does not know what is in one.
package text

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/go-jose/go-jose/v4"

	"signpost/internal/platform/clock"
	"signpost/internal/platform/fetch"
	"signpost/internal/platform/mail"
)

// Address is that of GOV.UK Notify.
const Address = "https://api.notifications.service.gov.uk"

// Placeholder is what the template at the gateway has where the text of a message goes: its whole body is ((text)).
const Placeholder = "text"

// Gateway hands text messages to GOV.UK Notify, or to what speaks as it does.
type Gateway struct {
	Address  string // Address unless another
	Service  string // id of the service there, a UUID
	Secret   string // of the service's key
	Template string // id of the template whose body is ((text)), a UUID
	Fetch    *fetch.Client
	Clock    clock.Clock
}

// ErrNoGateway says that a text message has no way out: no gateway is configured.
var ErrNoGateway = errors.New("no gateway for text messages: set [text]")

// Split hands mail to one transport and text messages to another.
type Split struct {
	Mail mail.Transport
	Text *Gateway // nil where none is configured
}

// Deliver takes a message on its way by what its address is.
func (s Split) Deliver(ctx context.Context, id string, m mail.Message, queued time.Time) error {
	switch {
	case !mail.IsTelephone(m.To):
		return s.Mail.Deliver(ctx, id, m, queued)
	case s.Text == nil:
		return ErrNoGateway
	}
	return s.Text.Deliver(ctx, id, m, queued)
}

type placed struct {
	Number    string            `json:"phone_number"`
	Template  string            `json:"template_id"`
	Filled    map[string]string `json:"personalisation"`
	Reference string            `json:"reference"`
}

// Deliver sends one text message. The message's id is the reference by which the gateway knows it; the subject is not
// sent.
func (g *Gateway) Deliver(ctx context.Context, id string, m mail.Message, _ time.Time) error {
	body, err := json.Marshal(placed{
		Number: m.To, Template: g.Template, Filled: map[string]string{Placeholder: m.Text}, Reference: id,
	})
	if err != nil {
		return fmt.Errorf("send text message: %w", err)
	}
	if _, err := g.ask(ctx, http.MethodPost, "/v2/notifications/sms", body, http.StatusCreated); err != nil {
		return fmt.Errorf("send text message: %w", err)
	}
	return nil
}

// Try asks the gateway for the template, and sends nothing. It fails where the gateway, the key or the template is
// wrong.
func (g *Gateway) Try(ctx context.Context) error {
	answer, err := g.ask(ctx, http.MethodGet, "/v2/template/"+url.PathEscape(g.Template), nil, http.StatusOK)
	if err != nil {
		return fmt.Errorf("read the template of text messages: %w", err)
	}
	var template struct {
		Type string `json:"type"`
		Body string `json:"body"`
	}
	if err := json.Unmarshal(answer, &template); err != nil {
		return fmt.Errorf("read the template of text messages: %w", err)
	}
	if template.Type != "sms" || template.Body != "(("+Placeholder+"))" {
		return fmt.Errorf("the template is one of %s with the body %q; make one of sms whose whole body is ((%s))",
			template.Type, template.Body, Placeholder)
	}
	return nil
}

// Refused is an answer of the gateway that is not the one that was asked for.
type Refused struct {
	Status int
	Says   string // the gateway's own words
}

// Error names the status and what the gateway says.
func (e *Refused) Error() string { return fmt.Sprintf("the gateway answers %d: %s", e.Status, e.Says) }

func (g *Gateway) ask(ctx context.Context, method, path string, body []byte, want int) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, method, g.Address+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	token, err := g.token()
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Content-Type", "application/json")
	answer, err := g.Fetch.Do(request)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, err
	}
	if answer.StatusCode != want {
		return nil, &Refused{Status: answer.StatusCode, Says: problemIn(text)}
	}
	return text, nil
}

// token is what the gateway knows the service by. It works for half a minute.
func (g *Gateway) token() (string, error) {
	key := jose.SigningKey{Algorithm: jose.HS256, Key: []byte(g.Secret)}
	signer, err := jose.NewSigner(key, (&jose.SignerOptions{}).WithType("JWT"))
	if err != nil {
		return "", fmt.Errorf("sign for the gateway: %w", err)
	}
	claims, err := json.Marshal(map[string]any{"iss": g.Service, "iat": g.Clock.Now().Unix()})
	if err != nil {
		return "", fmt.Errorf("sign for the gateway: %w", err)
	}
	signed, err := signer.Sign(claims)
	if err != nil {
		return "", fmt.Errorf("sign for the gateway: %w", err)
	}
	return signed.CompactSerialize()
}

const maxSaid = 300 // bytes of an answer that cannot be read

// problemIn gives what an answer says is wrong.
func problemIn(answer []byte) string {
	var said struct {
		Errors []struct {
			Error   string `json:"error"`
			Message string `json:"message"`
		} `json:"errors"`
	}
	if json.Unmarshal(answer, &said) == nil && len(said.Errors) > 0 {
		return said.Errors[0].Error + ": " + said.Errors[0].Message
	}
	return fmt.Sprintf("%.*q", maxSaid, answer)
}
