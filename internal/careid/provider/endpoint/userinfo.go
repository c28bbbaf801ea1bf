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

// errToken refuses an access token (RFC 6750 §3.1).
var errToken = request.NewError("invalid_token", "The access token is invalid, expired or revoked.")

// info is the answer of the userinfo endpoint, with its recipient and its signature.
type info struct {
	claims    map[string]json.RawMessage
	clientID  string
	algorithm jwt.Algorithm // of the signature; empty for plain JSON
}

// userInfo reads the current claims for a live access token. A token that ends while the claims are being read
// still counts, because it was live when the request came.
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

// infoOf reads the client of a token and the claims that the token gives access to.
func infoOf(ctx context.Context, r db.R, t code.Token) (info, error) {
	person := claim.Ask(t.Grant.Proven.UUID)
	service := client.Ask(t.ClientID, r.Now())
	if err := db.Together(ctx, r, append(person.Queries(), service)...); err != nil {
		return info{}, fmt.Errorf("read client and person: %w", err)
	}
	c, err := service.One()
	if err != nil {
		return info{}, fmt.Errorf("read client: %w", err)
	}
	if !c.Active {
		return info{}, errToken
	}
	original := t.Grant.Request
	claims, err := person.For(ctx, r, original.Scopes, original.Claims.UserInfo)
	if errors.Is(err, fault.NotFound) {
		return info{}, errToken
	}
	return info{claims: claims, clientID: c.ID, algorithm: c.UserInfoAlgorithm}, err
}

func (e *Endpoints) serveUserInfo(w http.ResponseWriter, r *http.Request) error {
	token, problem := accessToken(r)
	if problem != nil {
		return writeError(w, http.StatusBadRequest, problem)
	}
	if token == "" { // no error code, because nothing was presented (RFC 6750 §3.1)
		w.Header().Set("WWW-Authenticate", `Bearer realm="userinfo"`)
		return web.JSON(w, http.StatusUnauthorized, struct{}{})
	}
	got, err := db.Glance(r.Context(), e.o.DB, func(dr db.R) (info, error) { return userInfo(r.Context(), dr, token) })
	if errors.As(err, &problem) {
		challenge := fmt.Sprintf("Bearer error=%q, error_description=%q", problem.Code, problem.Description)
		w.Header().Set("WWW-Authenticate", challenge)
		return writeError(w, http.StatusUnauthorized, problem)
	}
	if err != nil {
		return err
	}
	if got.algorithm == "" {
		return web.JSON(w, http.StatusOK, got.claims)
	}
	return e.sendSigned(w, got)
}

// sendSigned sends the claims as a signed token, to a service that is registered for that (Core §5.3.2).
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

// accessToken returns the request's token, from the header or from the body of a POST, but not from both.
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
			return "", request.NewError("invalid_request", "The access token was sent twice.")
		}
		return inBody, nil
	}
	return token, nil
}

// bearer returns the access token of an Authorization header, or an empty text.
func bearer(header string) string {
	scheme, token, found := strings.Cut(header, " ")
	if !found || !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}
