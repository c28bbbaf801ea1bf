package endpoint

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"signpost/internal/careid/provider/client"
	"signpost/internal/careid/provider/request"
	"signpost/internal/platform/jwt"
)

// As CIS2 does, the answer says no more than this, whatever the reason. The reason goes to the log and the event.
var (
	errAssertion = request.NewError("invalid_client", "JWT is not valid")
	errClient    = request.NewError("invalid_client", "Client authentication failed")
)

// credentials are a client's id and its secret or assertion, presented in exactly one way.
type credentials struct {
	method    string // the client authentication method; empty if nothing was presented
	clientID  string
	secret    string
	unencoded string // the secret of an Authorization header as it would be if it had not been form-encoded
	assertion string
}

// errNotEncoded refuses an Authorization header that was not form-encoded.
var errNotEncoded = errors.New("the id and the secret in the Authorization header are not form-encoded")

// credentialsOf reads the credentials from the header or from the form.
func credentialsOf(header string, form url.Values) (credentials, error) {
	id := form.Get("client_id")
	secret := form.Get("client_secret")
	assertion := form.Get("client_assertion")
	switch {
	case header != "":
		return basicCredentials(header, form)
	case assertion != "" && secret != "":
		return credentials{clientID: id, assertion: assertion}, errors.New("both an assertion and a secret were sent")
	case assertion != "":
		return assertionCredentials(assertion, id)
	case secret != "":
		return credentials{method: client.ClientSecretPost, clientID: id, secret: secret}, nil
	}
	return credentials{clientID: id}, errors.New("no secret and no assertion was sent")
}

// basicCredentials reads client_secret_basic: id and secret are form-encoded before they are joined (RFC 6749
// §2.3.1).
func basicCredentials(header string, form url.Values) (credentials, error) {
	r := http.Request{Header: http.Header{"Authorization": {header}}}
	user, password, ok := r.BasicAuth()
	id, errID := url.QueryUnescape(user)
	secret, errSecret := url.QueryUnescape(password)
	switch {
	case !ok:
		const text = "the Authorization header is not Basic with an id and a secret"
		return credentials{clientID: form.Get("client_id")}, errors.New(text)
	case errID != nil:
		return credentials{clientID: user}, errNotEncoded
	case errSecret != nil:
		return credentials{clientID: id}, errNotEncoded
	case form.Has("client_secret") || form.Has("client_assertion"):
		return credentials{clientID: id}, errors.New("the client authenticated in the header and in the form")
	case form.Has("client_id") && form.Get("client_id") != id:
		err := fmt.Errorf("client_id is %.100q, the header names %.100q", form.Get("client_id"), id)
		return credentials{clientID: id}, err
	}
	return credentials{method: client.ClientSecretBasic, clientID: id, secret: secret, unencoded: password}, nil
}

func assertionCredentials(assertion, id string) (credentials, error) {
	p := credentials{method: client.PrivateKeyJWT, clientID: id, assertion: assertion}
	token, err := jwt.Unverified(assertion)
	if err != nil {
		return p, err
	}
	claims, err := token.Claims()
	if err != nil {
		return p, err
	}
	if id != "" && id != claims.Subject {
		return p, fmt.Errorf("client_id is %.100q, the assertion's sub is %.100q", id, claims.Subject)
	}
	p.clientID = claims.Subject
	return p, nil
}

// message returns all that a client is told if its credentials are not accepted.
func (c credentials) message() *request.Error {
	if c.assertion != "" {
		return errAssertion
	}
	return errClient
}
