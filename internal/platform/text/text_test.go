package text_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"signpost/internal/platform/clock/clocktest"
	"signpost/internal/platform/fetch"
	"signpost/internal/platform/mail"
	"signpost/internal/platform/text"
)

const (
	service  = "4f2ab5d1-0c9e-4b7a-9a51-3f3f1f4f0c11"
	secret   = "a7c1d2e3-8f90-4a1b-8c2d-5e6f70819203"
	template = "0b9f1a2c-3d4e-4f50-9617-28394a5b6c7d"
)

var noon = time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)

// notify is a gateway as GOV.UK Notify describes itself: it knows the service by an HS256 token.
type notify struct {
	t    *testing.T
	sent []map[string]any
	body string // of the template
	busy bool
}

func (n *notify) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case !n.knows(r.Header.Get("Authorization")):
		n.refuse(w, http.StatusForbidden, "AuthError", "Invalid token: service not found")
	case n.busy:
		n.refuse(w, http.StatusTooManyRequests, "RateLimitError", "Exceeded rate limit for key type LIVE")
	case r.Method == http.MethodGet && r.URL.Path == "/v2/template/"+template:
		_ = json.NewEncoder(w).Encode(map[string]string{"type": "sms", "body": n.body})
	case r.Method == http.MethodPost && r.URL.Path == "/v2/notifications/sms":
		var asked map[string]any
		if err := json.NewDecoder(r.Body).Decode(&asked); err != nil || asked["template_id"] != template {
			n.refuse(w, http.StatusBadRequest, "BadRequestError", "Template not found")
			return
		}
		n.sent = append(n.sent, asked)
		w.WriteHeader(http.StatusCreated)
		_, _ = io.WriteString(w, `{"id": "740e5834-3a29-46b4-9a6f-16142fde533a"}`)
	default:
		n.refuse(w, http.StatusNotFound, "NoResultFound", "No result found")
	}
}

func (n *notify) knows(header string) bool {
	signed, err := jose.ParseSignedCompact(strings.TrimPrefix(header, "Bearer "), []jose.SignatureAlgorithm{jose.HS256})
	if err != nil {
		return false
	}
	payload, err := signed.Verify([]byte(secret))
	var claims struct {
		Issuer string `json:"iss"`
		At     int64  `json:"iat"`
	}
	return err == nil && json.Unmarshal(payload, &claims) == nil && claims.Issuer == service && claims.At == noon.Unix()
}

func (n *notify) refuse(w http.ResponseWriter, status int, kind, says string) {
	w.WriteHeader(status)
	answer := map[string]any{"status_code": status, "errors": []map[string]string{{"error": kind, "message": says}}}
	if err := json.NewEncoder(w).Encode(answer); err != nil {
		n.t.Error(err)
	}
}

func open(t *testing.T) (*notify, *text.Gateway) {
	t.Helper()
	n := &notify{t: t, body: "((text))"}
	server := httptest.NewServer(n)
	t.Cleanup(server.Close)
	return n, &text.Gateway{
		Address: server.URL, Service: service, Secret: secret, Template: template,
		Fetch: fetch.New(fetch.Options{AllowLoopback: true}), Clock: clocktest.At(noon),
	}
}

func TestATextMessageIsSent(t *testing.T) {
	n, g := open(t)
	post := text.Split{Mail: &mail.Mailbox{}, Text: g}
	m := mail.Message{To: "+447700900123", Subject: "Not sent", Text: "123 456 is your code"}
	if err := post.Deliver(t.Context(), "m1", m, noon); err != nil {
		t.Fatal(err)
	}
	filled, _ := n.sent[0]["personalisation"].(map[string]any)
	if len(n.sent) != 1 || n.sent[0]["phone_number"] != m.To || n.sent[0]["reference"] != "m1" ||
		filled["text"] != m.Text {
		t.Errorf("sent %v", n.sent)
	}
}

// What goes to a mailbox goes there, whatever gateway there is; a text message without a gateway is an error.
func TestMailGoesToTheMailServer(t *testing.T) {
	n, g := open(t)
	box := &mail.Mailbox{}
	for _, to := range []string{"ada@example.nhs.uk", "+tag@example.nhs.uk"} {
		if err := (text.Split{Mail: box, Text: g}).Deliver(t.Context(), to, mail.Message{To: to}, noon); err != nil {
			t.Error(err)
		}
	}
	if len(box.All()) != 2 || len(n.sent) != 0 {
		t.Errorf("%d mails, %d text messages", len(box.All()), len(n.sent))
	}
	err := text.Split{Mail: box}.Deliver(t.Context(), "m", mail.Message{To: "+447700900123"}, noon)
	if !errors.Is(err, text.ErrNoGateway) || len(box.All()) != 2 {
		t.Errorf("without a gateway: %v", err)
	}
}

func TestTheGatewayRefuses(t *testing.T) {
	send := func(ctx context.Context, g *text.Gateway) error {
		return g.Deliver(ctx, "m", mail.Message{To: "+447700900123", Text: "Hello"}, noon)
	}
	try := func(ctx context.Context, g *text.Gateway) error { return g.Try(ctx) }
	for name, one := range map[string]struct {
		spoil func(*notify, *text.Gateway)
		act   func(context.Context, *text.Gateway) error
		says  string // empty where it is taken
	}{
		"nothing is wrong":      {func(*notify, *text.Gateway) {}, send, ""},
		"nothing is wrong, try": {func(*notify, *text.Gateway) {}, try, ""},
		"another key":           {func(_ *notify, g *text.Gateway) { g.Secret = service }, send, "403: AuthError: Inv"},
		"another key, try":      {func(_ *notify, g *text.Gateway) { g.Secret = service }, try, "403: AuthError"},
		"another service":       {func(_ *notify, g *text.Gateway) { g.Service = template }, send, "403: AuthError"},
		"too many":              {func(n *notify, _ *text.Gateway) { n.busy = true }, send, "429: RateLimitError: Exceeded"},
		"another template":      {func(_ *notify, g *text.Gateway) { g.Template = service }, send, "400: BadRequestError"},
		"no template":           {func(_ *notify, g *text.Gateway) { g.Template = service }, try, "404: NoResultFound"},
		"words around it":       {func(n *notify, _ *text.Gateway) { n.body = "NHS: ((text))" }, try, "whole body is ((text))"},
	} {
		n, g := open(t)
		one.spoil(n, g)
		err := one.act(t.Context(), g)
		if one.says == "" && err != nil || one.says != "" && (err == nil || !strings.Contains(err.Error(), one.says)) {
			t.Errorf("%s: %v, want %q", name, err, one.says)
		}
		if one.says != "" && len(n.sent) > 0 {
			t.Errorf("%s: sent %v", name, n.sent)
		}
	}
}
