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

// CIS2 says no more than this, whatever is wrong; the reason goes to the log and to the event.
var (
	errAssertion = request.Invalid("invalid_client", "JWT is not valid")
	errClient    = request.Invalid("invalid_client", "Client authentication failed")
)

// proof is what a request brings to show which client makes it, by one way only.
type proof struct {
	method    string // of the client authentication methods; empty where nothing was brought
	clientID  string
	secret    string
	assertion string
}

// proofOf reads it from the header or from the form.
func proofOf(header string, form url.Values) (proof, error) {
	id, secret, assertion := form.Get("client_id"), form.Get("client_secret"), form.Get("client_assertion")
	switch {
	case header != "":
		return basicProof(header, form)
	case assertion != "" && secret != "":
		return proof{clientID: id, assertion: assertion}, errors.New("both an assertion and a secret were sent")
	case assertion != "":
		return assertionProof(assertion, id)
	case secret != "":
		return proof{method: client.ClientSecretPost, clientID: id, secret: secret}, nil
	}
	return proof{clientID: id}, errors.New("no secret and no assertion was sent")
}

// basicProof reads client_secret_basic: id and secret are form-encoded before they are joined (RFC 6749
// §2.3.1).
func basicProof(header string, form url.Values) (proof, error) {
	r := http.Request{Header: http.Header{"Authorization": {header}}}
	user, password, ok := r.BasicAuth()
	id, errID := url.QueryUnescape(user)
	secret, errSecret := url.QueryUnescape(password)
	switch {
	case !ok || errID != nil || errSecret != nil:
		return proof{}, errors.New("the Authorization header is not Basic with a form-encoded id and secret")
	case form.Has("client_secret") || form.Has("client_assertion"):
		return proof{clientID: id}, errors.New("the client proved itself in the header and in the form")
	case form.Has("client_id") && form.Get("client_id") != id:
		err := fmt.Errorf("client_id is %.100q, the header names %.100q", form.Get("client_id"), id)
		return proof{clientID: id}, err
	}
	return proof{method: client.ClientSecretBasic, clientID: id, secret: secret}, nil
}

func assertionProof(assertion, id string) (proof, error) {
	p := proof{method: client.PrivateKeyJWT, clientID: id, assertion: assertion}
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

// message is all that the client is told of a proof that will not do.
func (b proof) message() *request.Error {
	if b.assertion != "" {
		return errAssertion
	}
	return errClient
}
