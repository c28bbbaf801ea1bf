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

// call is a request that a client makes and proves to be its own.
type call struct {
	client.Client
	form      url.Values
	assertion assertion // by which it proved that; none if it has a secret
}

// actor is the client as the actor of what it asks for.
func (c call) actor(r *http.Request) actor.Actor {
	return actor.Actor{Kind: actor.Machine, ID: c.ID, Name: c.Name, Request: web.RequestID(r.Context())}
}

// serveCall answers a call.
type serveCall func(w http.ResponseWriter, r *http.Request, c call) error

// proved reads a call and lets serve answer it. Who did not prove to be a client is answered here. The assertion
// is still to be used up.
func (e *Endpoints) proved(serve serveCall) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		form, problem := request.ParametersOnce(r)
		if problem != nil {
			return sayError(w, http.StatusBadRequest, problem)
		}
		c, message, reason := e.authenticate(r.Context(), r.Header.Get("Authorization"), form)
		if reason != nil {
			return e.disbelieve(w, r, c.Client, message, reason)
		}
		return serve(w, r, c)
	}
}

// provedOnce is proved, and uses the assertion up first.
func (e *Endpoints) provedOnce(serve serveCall) web.Handler {
	return e.proved(func(w http.ResponseWriter, r *http.Request, c call) error {
		err := e.use(r.Context(), c.assertion)
		var used *jwt.Mismatch
		if errors.As(err, &used) {
			return e.disbelieve(w, r, c.Client, errAssertion, used)
		}
		if err != nil {
			return err
		}
		e.o.Keys.Called(c.ID, web.Address(r))
		return serve(w, r, c)
	})
}

// authenticate says which client makes a request. The reason why it is not believed is for an operator; the
// client is told no more than message. c names the client also where it is not believed, if we know it.
func (e *Endpoints) authenticate(
	ctx context.Context, header string, form url.Values,
) (c call, message *request.Error, reason error) {
	c.form = form
	brought, problem := proofOf(header, form)
	message = brought.message()
	if brought.clientID == "" {
		return c, message, errors.Join(problem, errors.New("no client was named"))
	}
	c.Client, reason = client.FindActive(ctx, e.o.DB, brought.clientID)
	switch {
	case reason != nil:
		return c, message, reason
	case problem != nil:
		return c, message, problem
	case brought.method != c.AuthMethod:
		reason = fmt.Errorf("token_endpoint_auth_method: expected %s, received %s", c.AuthMethod, brought.method)
	case brought.assertion != "":
		c.assertion, reason = e.checkAssertion(ctx, c.Client, form)
	case !c.HasSecret(e.o.Box, brought.secret):
		reason = errors.New("the client secret is not right")
	}
	return c, message, reason
}
