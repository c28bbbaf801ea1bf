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

// caller is the client that makes a request, and the assertion by which it proved that; none if it has a
// secret.
type caller struct {
	client.Client
	with assertion
}

// authenticate says which client makes a request. Its assertion is right, and still to be used up. The error
// is for an operator; the client is told no more than says. c is the client that was named, if we know it.
func (e *Endpoints) authenticate(ctx context.Context, header string, form url.Values) (c caller, says *request.Error, why error) {
	brought, wrong := proofOf(header, form)
	says = brought.says()
	if brought.clientID == "" {
		return c, says, errors.Join(wrong, errors.New("no client was named"))
	}
	var err error
	c.Client, err = client.FindActive(ctx, e.o.DB, brought.clientID)
	switch {
	case err != nil:
		return c, says, err
	case wrong != nil:
		return c, says, wrong
	case brought.method != c.AuthMethod:
		return c, says, fmt.Errorf("token_endpoint_auth_method: expected %s, received %s", c.AuthMethod, brought.method)
	case brought.assertion != "":
		c.with, err = e.checkAssertion(ctx, c.Client, form)
		return c, says, err
	case !c.HasSecret(e.o.Box, brought.secret):
		return c, says, errors.New("the client secret is not right")
	}
	return c, says, nil
}

// fromClient reads the form of a request that a client makes and proves to be its own, which uses up its
// assertion. If it does not, it is answered, and done.
func (e *Endpoints) fromClient(w http.ResponseWriter, r *http.Request) (form url.Values, c client.Client, done bool, err error) {
	form, by, done, err := e.fromCaller(w, r)
	if done || err != nil {
		return nil, by.Client, done, err
	}
	var used *jwt.Mismatch
	err = e.use(r.Context(), by.with)
	if errors.As(err, &used) {
		return nil, by.Client, true, e.disbelieve(w, r, by.Client, errAssertion, used)
	}
	if err == nil {
		e.o.Keys.Called(by.ID, web.Address(r))
	}
	return form, by.Client, false, err
}

// fromCaller is fromClient, with the assertion not used up.
func (e *Endpoints) fromCaller(w http.ResponseWriter, r *http.Request) (form url.Values, c caller, done bool, err error) {
	form, wrong := request.ParametersOnce(r)
	if wrong != nil {
		return nil, c, true, sayError(w, http.StatusBadRequest, wrong)
	}
	c, says, why := e.authenticate(r.Context(), r.Header.Get("Authorization"), form)
	if why != nil {
		return nil, c, true, e.disbelieve(w, r, c.Client, says, why)
	}
	return form, c, false, nil
}

// machine is a client as the actor of what it asks for.
func machine(r *http.Request, c client.Client) actor.Actor {
	return actor.Actor{Kind: actor.Machine, ID: c.ID, Name: c.Name, Request: web.RequestID(r.Context())}
}
