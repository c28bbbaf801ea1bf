// Package extract answers the one question that the directory side may ask outside a sign-in: which of these
// people could sign in, and what prevents the others. Its answers are classes and yes or no, never a name or a number,
// and an address only where a comparison was asked for and the person is known to be the same.
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
	"signpost/internal/platform/mail"
	"signpost/internal/platform/web"
)

// The kinds of events that this package records.
const (
	eventAnswered audit.Kind = "extract.answered"
	eventRefused  audit.Kind = "extract.refused"
	eventReplayed audit.Kind = "extract.replayed"

	eventSeveralTold audit.Kind = "extract.several-told"
)

// Extract answers the directories that are registered with it.
type Extract struct {
	DB      *db.DB
	Post    *mail.Post
	Clock   clock.Clock
	Address string              // of this site, the audience of tokens
	Askers  map[string]jwt.Keys // the public keys of each directory that may ask, by its client id
}

// Mount adds the extract's address to a site.
func (e *Extract) Mount(s *web.Site) {
	s.HandleCalls("POST "+wire.Path, web.Anyone, e.people)
}

func (e *Extract) people(w http.ResponseWriter, r *http.Request) error {
	response, err := e.exchange(r)
	if f, known := fault.From(err); known {
		web.Log(r, slog.String("refused", err.Error()))
		return web.JSON(w, statusOf(f.Code), map[string]string{"error": string(f.Code), "error_description": f.Message})
	}
	if err != nil {
		return err
	}
	return web.JSON(w, http.StatusOK, response)
}

// statusOf returns the HTTP status for a fault. A request that cannot be read is 400, as programs expect.
func statusOf(c fault.Code) int {
	if c == fault.Invalid {
		return http.StatusBadRequest
	}
	return c.Status()
}

// exchange checks the token, uses it up whether or not the questions can be read, and answers them. A stranger's
// request is refused without an event. A registered asker's request always leaves one.
func (e *Extract) exchange(r *http.Request) (wire.Response, error) {
	ctx := r.Context()
	asker, token, err := e.verifiedToken(r)
	if err != nil {
		return wire.Response{}, err
	}
	web.WithActor(r, actor.Actor{Kind: actor.Machine, ID: asker})
	by := web.Actor(r)
	claims, err := e.claims(asker, token)
	if err != nil {
		return wire.Response{}, e.refuse(ctx, by, err)
	}
	request, err := read(r.Body)
	if err != nil {
		refused := func(w *db.W) error { return w.RecordRefusal(ctx, refusedEvent(asker, err)) }
		if problem := e.spend(ctx, by, claims, refused); problem != nil {
			return wire.Response{}, problem
		}
		return wire.Response{}, err
	}
	response, err := e.answer(ctx, request)
	if err != nil {
		return wire.Response{}, err
	}
	answered := func(w *db.W) error {
		if err := e.tellSeveral(ctx, w, request, response); err != nil {
			return err
		}
		return w.Record(ctx, answeredEvent(asker, response))
	}
	if err := e.spend(ctx, by, claims, answered); err != nil {
		return wire.Response{}, err
	}
	return response, nil
}

// read reads the questions: one JSON value and nothing after it.
func read(body io.Reader) (request wire.Request, err error) {
	in := json.NewDecoder(body)
	if err := in.Decode(&request); err != nil {
		return request, fault.Say(fault.Invalid,
			"The request is not JSON of the form that is asked for, or is too large.")
	}
	if _, err := in.Token(); !errors.Is(err, io.EOF) {
		return request, fault.Say(fault.Invalid, "There is something after the request's JSON.")
	}
	if err := request.Check(); err != nil {
		return request, fault.Say(fault.Invalid, err.Error())
	}
	return request, nil
}
