package endpoint

import (
	"errors"
	"net/http"
	"strings"

	"signpost/internal/careid/provider/code"
	"signpost/internal/careid/provider/request"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/web"
)

// errNoToken refuses a request about a token that does not contain one.
var errNoToken = request.NewError("invalid_request", "The parameter token is missing.")

// introspection describes to a client one of its own tokens (RFC 7662 §2.2). For any other token, and for one that
// has ended, it says only that it is not active.
type introspection struct {
	Active    bool   `json:"active"`
	Scope     string `json:"scope,omitempty"`
	ClientID  string `json:"client_id,omitempty"`
	Subject   string `json:"sub,omitempty"`
	TokenType string `json:"token_type,omitempty"`
	Issuer    string `json:"iss,omitempty"`
	Audience  string `json:"aud,omitempty"`
	IssuedAt  int64  `json:"iat,omitempty"`
	Expires   int64  `json:"exp,omitempty"`
	AuthTime  int64  `json:"auth_time,omitempty"`
	ACR       string `json:"acr,omitempty"`
	Level     string `json:"authentication_assurance_level,omitempty"`
	SessionID string `json:"sid,omitempty"`
}

func (e *Endpoints) serveIntrospect(w http.ResponseWriter, r *http.Request, c call) error {
	if c.form.Get("token") == "" {
		return e.refuse(w, r, c, badRequest(errNoToken, c))
	}
	answer, err := db.Read(r.Context(), e.o.DB, func(dr db.R) (introspection, error) {
		t, err := code.FindToken(r.Context(), dr, c.form.Get("token"))
		if errors.Is(err, fault.NotFound) || err == nil && (t.ClientID != c.ID || !t.Live(dr.Now())) {
			return introspection{}, nil
		}
		return e.introspect(t), err
	})
	if err != nil {
		return err
	}
	return web.JSON(w, http.StatusOK, answer)
}

func (e *Endpoints) introspect(t code.Token) introspection {
	g := t.Grant
	return introspection{
		Active: true, Scope: strings.Join(g.Request.Scopes, " "), ClientID: t.ClientID, TokenType: "Bearer",
		Issuer: e.o.Issuer, Audience: t.ClientID, Subject: g.Proven.UUID,
		IssuedAt: t.Issued.Unix(), Expires: t.Ends.Unix(), AuthTime: g.Proven.At.Unix(),
		ACR: g.Request.Class, Level: g.Proven.Level.Claim(), SessionID: g.SID,
	}
}

// serveRevoke ends an access token of the client that asks (RFC 7009). The answer is the same for a token that does
// not exist or belongs to another client, so that it reveals nothing.
func (e *Endpoints) serveRevoke(w http.ResponseWriter, r *http.Request, c call) error {
	if c.form.Get("token") == "" {
		return e.refuse(w, r, c, badRequest(errNoToken, c))
	}
	err := e.o.DB.Update(r.Context(), c.actor(r), func(dw *db.W) error {
		return code.Revoke(r.Context(), dw, c.ID, c.form.Get("token"))
	})
	if err != nil {
		return err
	}
	w.WriteHeader(http.StatusOK)
	return nil
}
