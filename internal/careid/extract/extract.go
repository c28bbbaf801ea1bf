// Package extract answers the one question that the directory side may ask outside sign-in: which of
// these people could sign in, and what keeps the others from it. It tells classes and yes or no, never a
// name, a number or an address.
package extract

import (
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"

	wire "signpost/internal/national/extract"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/clock"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/jwt"
	"signpost/internal/platform/web"
)

// The kinds of events that this package records.
const (
	eventAnswered audit.Kind = "extract.answered"
	eventRefused  audit.Kind = "extract.refused"
	eventReplayed audit.Kind = "extract.replayed"
)

// Extract answers the directories that are registered with it.
type Extract struct {
	DB      *db.DB
	Clock   clock.Clock
	Address string              // of this site; tokens are for it
	Askers  map[string]jwt.Keys // the public keys of each that may ask, by its client id
}

// Mount adds the address to a site.
func (e *Extract) Mount(s *web.Site) {
	s.HandleCalls("POST "+wire.Path, web.Anyone, e.people)
}

func (e *Extract) people(w http.ResponseWriter, r *http.Request) error {
	response, err := e.exchange(r)
	if f, known := fault.From(err); known {
		web.Log(r, slog.String("refused", err.Error()))
		return web.JSON(w, statusOf(f.Code), map[string]string{"error": string(f.Code), "error_description": f.Says})
	}
	if err != nil {
		return err
	}
	return web.JSON(w, http.StatusOK, response)
}

// statusOf is what machines expect: a request that cannot be read is 400.
func statusOf(c fault.Code) int {
	if c == fault.Invalid {
		return http.StatusBadRequest
	}
	return c.Status()
}

// exchange takes the token, uses it up whatever the questions are like, and answers them. What a
// stranger sends is refused without an event; what a registered asker sends always leaves one.
func (e *Extract) exchange(r *http.Request) (wire.Response, error) {
	ctx := r.Context()
	asker, token, err := e.signed(r)
	if err != nil {
		return wire.Response{}, err
	}
	who := actor.Actor{Kind: actor.Machine, ID: asker, Request: web.RequestID(ctx)}
	web.WithActor(r, who)
	claims, err := e.claims(asker, token)
	if err != nil {
		return wire.Response{}, e.refuse(ctx, who, err)
	}
	request, err := read(r.Body)
	if err != nil {
		if spent := e.spend(ctx, who, claims, refused(asker, err)); spent != nil {
			return wire.Response{}, spent
		}
		return wire.Response{}, err
	}
	response, err := e.answer(ctx, request)
	if err != nil {
		return wire.Response{}, err
	}
	if err := e.spend(ctx, who, claims, answered(asker, response)); err != nil {
		return wire.Response{}, err
	}
	return response, nil
}

// read reads the questions: one JSON value and nothing behind it.
func read(body io.Reader) (request wire.Request, err error) {
	in := json.NewDecoder(body)
	if err := in.Decode(&request); err != nil {
		return request, fault.Say(fault.Invalid, "The request is not JSON of the form that is asked for, or is too large.")
	}
	if _, err := in.Token(); !errors.Is(err, io.EOF) {
		return request, fault.Say(fault.Invalid, "There is something behind the request's JSON.")
	}
	if err := request.Check(); err != nil {
		return request, fault.Say(fault.Invalid, err.Error())
	}
	return request, nil
}
