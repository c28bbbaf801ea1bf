package endpoint

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"signpost/internal/careid/provider/claim"
	"signpost/internal/careid/provider/client"
	"signpost/internal/careid/provider/code"
	"signpost/internal/careid/provider/request"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/jwt"
	"signpost/internal/platform/web"
)

// errToken is an access token that will not do (RFC 6750 §3.1).
var errToken = request.Invalid("invalid_token", "The access token is invalid, expired or revoked.")

// info is what the userinfo endpoint gives, and how.
type info struct {
	claims    map[string]json.RawMessage
	clientID  string
	algorithm jwt.Algorithm // signed with; empty for plain JSON
}

// userInfo reads what a live access token entitles to, as things stand now. A token that ends while the
// claims are read had not ended when they were asked for.
func userInfo(ctx context.Context, r db.R, token string) (info, error) {
	t, err := code.FindToken(ctx, r, token)
	if errors.Is(err, fault.NotFound) || err == nil && !t.Live(r.Now()) {
		return info{}, errToken
	}
	if err != nil {
		return info{}, err
	}
	return infoOf(ctx, r, t)
}

// infoOf reads the client of a token and the claims that the token is for.
func infoOf(ctx context.Context, r db.R, t code.Token) (info, error) {
	person := claim.Ask(t.Grant.Proven.UUID)
	asker := client.Ask(t.ClientID, r.Now())
	if err := db.Together(ctx, r, append(person.Queries(), asker)...); err != nil {
		return info{}, fmt.Errorf("read client and person: %w", err)
	}
	c, err := asker.One()
	if err != nil {
		return info{}, fmt.Errorf("read client: %w", err)
	}
	if !c.Active {
		return info{}, errToken
	}
	asked := t.Grant.Request
	claims, err := person.For(ctx, r, asked.Scopes, asked.Claims.UserInfo)
	if errors.Is(err, fault.NotFound) {
		return info{}, errToken
	}
	return info{claims: claims, clientID: c.ID, algorithm: c.UserInfoAlgorithm}, err
}

func (e *Endpoints) serveUserInfo(w http.ResponseWriter, r *http.Request) error {
	token, problem := accessToken(r)
	if problem != nil {
		return sayError(w, http.StatusBadRequest, problem)
	}
	got, err := db.Glance(r.Context(), e.o.DB, func(dr db.R) (info, error) { return userInfo(r.Context(), dr, token) })
	if errors.As(err, &problem) {
		challenge := fmt.Sprintf("Bearer error=%q, error_description=%q", problem.Code, problem.Description)
		w.Header().Set("WWW-Authenticate", challenge)
		return sayError(w, http.StatusUnauthorized, problem)
	}
	if err != nil {
		return err
	}
	if got.algorithm == "" {
		return web.JSON(w, http.StatusOK, got.claims)
	}
	return e.sendSigned(w, got)
}

// sendSigned gives the claims as a token to a service that is registered for that (Core §5.3.2).
func (e *Endpoints) sendSigned(w http.ResponseWriter, i info) error {
	for name, value := range map[string]string{"iss": e.o.Issuer, "aud": i.clientID} {
		text, err := json.Marshal(value)
		if err != nil {
			return fmt.Errorf("encode %s: %w", name, err)
		}
		i.claims[name] = text
	}
	signing, err := e.signing(i.algorithm)
	if err != nil {
		return err
	}
	token, err := jwt.Sign(signing, jwt.TypePlain, i.claims)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/jwt")
	_, err = w.Write([]byte(token))
	return err
}

// accessToken gives the request's token: in the header, or in the body of a POST, not both.
func accessToken(r *http.Request) (string, *request.Error) {
	token := bearer(r.Header.Get("Authorization"))
	if r.Method != http.MethodPost {
		return token, nil
	}
	form, problem := request.ParametersOnce(r)
	if problem != nil {
		return "", problem
	}
	if inBody := form.Get("access_token"); inBody != "" {
		if token != "" {
			return "", request.Invalid("invalid_request", "The access token was sent twice.")
		}
		return inBody, nil
	}
	return token, nil
}

// bearer gives the access token of an Authorization header, or empty.
func bearer(header string) string {
	scheme, token, found := strings.Cut(header, " ")
	if !found || !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}
