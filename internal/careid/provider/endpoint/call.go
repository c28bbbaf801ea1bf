package endpoint

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"signpost/internal/careid/provider/client"
	"signpost/internal/careid/provider/request"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/jwt"
	"signpost/internal/platform/web"
)

// call is a request of an authenticated client.
type call struct {
	client.Client
	form      url.Values
	assertion assertion // with which it authenticated; none if it has a secret
}

// actor returns the client as an actor.
func (c call) actor(r *http.Request) actor.Actor {
	return actor.Actor{Kind: actor.Machine, ID: c.ID, Name: c.Name, Request: web.RequestID(r.Context())}
}

// serveCall answers a call.
type serveCall func(w http.ResponseWriter, r *http.Request, c call) error

// authenticated reads a call and lets serve answer it. It answers callers that do not authenticate. serve has to use
// the assertion up.
func (e *Endpoints) authenticated(serve serveCall) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if reason := contentTypeProblem(r); reason != nil {
			return e.refuseContentType(w, r, reason)
		}
		form, problem := request.ParametersOnce(r)
		if problem != nil {
			return writeError(w, http.StatusBadRequest, problem)
		}
		c, message, reason := e.authenticate(r.Context(), r.Header.Get("Authorization"), form)
		if reason != nil {
			return e.refuseCaller(w, r, c.Client, message, reason)
		}
		return serve(w, r, c)
	}
}

// authenticatedOnce is proved, and uses the assertion up first.
func (e *Endpoints) authenticatedOnce(serve serveCall) web.Handler {
	return e.authenticated(func(w http.ResponseWriter, r *http.Request, c call) error {
		err := e.use(r.Context(), c.assertion)
		var mismatch *jwt.Mismatch
		if errors.As(err, &mismatch) {
			return e.refuseCaller(w, r, c.Client, errAssertion, mismatch)
		}
		if err != nil {
			return err
		}
		e.o.Keys.Called(c.ID, web.Address(r))
		return serve(w, r, c)
	})
}

// authenticate finds the client that makes a request. If it does not authenticate, reason is for an operator and
// message is all that the client is told. c then still names the client, if we know it.
func (e *Endpoints) authenticate(
	ctx context.Context, header string, form url.Values,
) (c call, message *request.Error, reason error) {
	c.form = form
	presented, problem := credentialsOf(header, form)
	message = presented.message()
	if presented.clientID == "" {
		return c, message, errors.Join(problem, errors.New("no client was named"))
	}
	c.Client, reason = client.FindActive(ctx, e.o.DB, presented.clientID)
	switch {
	case reason != nil:
		return c, message, reason
	case problem != nil:
		return c, message, problem
	case presented.method != c.AuthMethod:
		reason = fmt.Errorf("token_endpoint_auth_method: expected %s, received %s", c.AuthMethod, presented.method)
	case presented.assertion != "":
		c.assertion, reason = e.checkAssertion(ctx, c.Client, form)
	case c.HasSecret(e.o.Box, presented.secret):
	case presented.unencoded != "" && c.HasSecret(e.o.Box, presented.unencoded):
		reason = errNotEncoded
	default:
		reason = errors.New("the client secret is not right")
	}
	return c, message, reason
}
