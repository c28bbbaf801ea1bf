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
	"signpost/internal/platform/fault"
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
	return web.InRequest(r, actor.Actor{Kind: actor.Machine, ID: c.ID, Name: c.Name})
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
		c, err := e.authenticate(r.Context(), r.Header.Get("Authorization"), form)
		var refused *notAuthenticated
		if errors.As(err, &refused) {
			return e.refuseCaller(w, r, c.Client, refused.message, refused.reason)
		}
		if err != nil {
			return err // who calls is unknown
		}
		return serve(w, r, c)
	}
}

// authenticatedOnce is authenticated, and uses the assertion up before it serves the call.
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

// notAuthenticated says why a caller does not authenticate: message is all that it is told, the reason is for an
// operator.
type notAuthenticated struct {
	message *request.Error
	reason  error
}

// Error returns the reason.
func (n *notAuthenticated) Error() string { return n.reason.Error() }

// authenticate finds the client that makes a request. It gives a *notAuthenticated if the caller does not prove to be a
// client; c then still names the client, if we know it.
func (e *Endpoints) authenticate(ctx context.Context, header string, form url.Values) (c call, err error) {
	c.form = form
	presented, problem := credentialsOf(header, form)
	message := presented.message()
	if presented.clientID == "" {
		return c, &notAuthenticated{message, errors.Join(problem, errors.New("no client was named"))}
	}
	c.Client, err = client.FindActive(ctx, e.o.DB, presented.clientID)
	switch {
	case errors.Is(err, fault.NotFound), errors.Is(err, fault.Invalid), errors.Is(err, client.ErrSuspended):
		return c, &notAuthenticated{message, err}
	case err != nil:
		return c, err
	}
	if problem == nil {
		problem = e.credentialProblem(ctx, &c, presented)
	}
	if problem != nil {
		return c, &notAuthenticated{message, problem}
	}
	return c, nil
}

// credentialProblem returns why what a caller presented is not what its client authenticates with, or nil. It keeps the
// assertion in the call.
func (e *Endpoints) credentialProblem(ctx context.Context, c *call, presented credentials) (problem error) {
	switch {
	case presented.method != c.AuthMethod:
		return fmt.Errorf("token_endpoint_auth_method: expected %s, received %s", c.AuthMethod, presented.method)
	case presented.assertion != "":
		c.assertion, problem = e.checkAssertion(ctx, c.Client, c.form)
		return problem
	case c.HasSecret(e.o.Box, presented.secret):
		return nil
	case presented.unencoded != "" && c.HasSecret(e.o.Box, presented.unencoded):
		return errNotEncoded
	}
	return errors.New("the client secret is not right")
}
