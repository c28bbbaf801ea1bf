// Package extract answers the one question that the directory side may ask outside a sign-in: which of these
// people could sign in, and what prevents the others. Its answers are classes and yes or no, never a name or a number,
// and an address only where a comparison was asked for and the person is known to be the same.
package extract

import (
	"context"
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
	"signpost/internal/platform/seal"
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
	Box     *seal.Box
	Clock   clock.Clock
	Address string              // of this site, the audience of tokens
	Askers  map[string]jwt.Keys // the public keys of each directory that may ask, by its client id

	// Pace bounds the calls of each asker on this node; nil where nothing does.
	Pace *Pace
}

// Mount adds the extract's address to a site.
func (e *Extract) Mount(s *web.Site) {
	s.HandleCalls("POST "+wire.Path, web.Anyone, func(w http.ResponseWriter, r *http.Request) error {
		return exchange(e, w, r, e.people)
	})
	s.HandleCalls("POST "+wire.ChangesPath, web.Anyone, func(w http.ResponseWriter, r *http.Request) error {
		return exchange(e, w, r, e.changes)
	})
	s.HandleCalls("GET "+documentPath, web.Anyone, document)
}

// request is what an asker sends.
type request interface{ Check() error }

// answered is what an asker gets, with what is recorded of it as a part of the Update that uses the token up.
type answered[A any] struct {
	response A
	record   func(context.Context, *db.W) error
}

// exchange answers a call, or says why it does not.
func exchange[Q request, A any](
	e *Extract, w http.ResponseWriter, r *http.Request, answer func(context.Context, string, Q) (answered[A], error),
) error {
	response, err := answerOnce(e, r, answer)
	if f, known := fault.From(err); known {
		if f.Code == fault.TooMany {
			w.Header().Set("Retry-After", "5")
		}
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

// answerOnce checks the token, uses it up whether or not the request can be read, and answers it. A stranger's request
// is refused without an event. A registered asker's request always leaves one.
func answerOnce[Q request, A any](
	e *Extract, r *http.Request, answer func(context.Context, string, Q) (answered[A], error),
) (response A, err error) {
	ctx := r.Context()
	asker, token, err := e.verifiedToken(r)
	if err != nil {
		return response, err
	}
	if err := e.admit(asker); err != nil {
		return response, err
	}
	web.WithActor(r, actor.Actor{Kind: actor.Machine, ID: asker})
	by := web.Actor(r)
	claims, err := e.claims(asker, token)
	if err != nil {
		return response, e.refuse(ctx, by, err)
	}
	asked, err := read[Q](r.Body)
	if err != nil {
		refused := func(w *db.W) error { return w.RecordRefusal(ctx, refusedEvent(asker, err)) }
		if problem := e.spend(ctx, by, claims, refused); problem != nil {
			return response, problem
		}
		return response, err
	}
	given, err := answer(ctx, asker, asked)
	if err != nil {
		return response, err
	}
	return given.response, e.spend(ctx, by, claims, func(w *db.W) error { return given.record(ctx, w) })
}

// people answers questions about people.
func (e *Extract) people(ctx context.Context, asker string, request wire.Request) (answered[wire.Response], error) {
	response, err := e.answer(ctx, asker, request)
	if err != nil {
		return answered[wire.Response]{}, err
	}
	return answered[wire.Response]{response: response, record: func(ctx context.Context, w *db.W) error {
		if err := e.tellSeveral(ctx, w, request, response); err != nil {
			return err
		}
		return w.Record(ctx, answeredEvent(asker, response))
	}}, nil
}

// AnswerFor answers questions that did not come over HTTP, with the same event.
func (e *Extract) AnswerFor(ctx context.Context, by actor.Actor, request wire.Request) (wire.Response, error) {
	given, err := e.people(ctx, by.ID, request)
	if err != nil {
		return wire.Response{}, err
	}
	return given.response, e.DB.Update(ctx, by, func(w *db.W) error { return given.record(ctx, w) })
}

// read reads a request: one JSON value and nothing after it.
func read[Q request](body io.Reader) (asked Q, err error) {
	in := json.NewDecoder(body)
	if err := in.Decode(&asked); err != nil {
		return asked, fault.Say(fault.Invalid,
			"The request is not JSON of the form that is asked for, or is too large.")
	}
	if _, err := in.Token(); !errors.Is(err, io.EOF) {
		return asked, fault.Say(fault.Invalid, "There is something after the request's JSON.")
	}
	if err := asked.Check(); err != nil {
		return asked, fault.Say(fault.Invalid, err.Error())
	}
	return asked, nil
}
