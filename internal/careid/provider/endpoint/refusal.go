package endpoint

import (
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"signpost/internal/careid/provider/client"
	"signpost/internal/careid/provider/request"
	"signpost/internal/national/cis2"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/web"
)

// refusal is why a client that proved itself does not get what it asks for.
type refusal struct {
	message *request.Error // all that the client is told
	reason  string         // for the people who look after the client
}

// Error gives the reason.
func (f *refusal) Error() string { return f.reason }

// unfounded is the refusal of a request that is not right in itself.
func unfounded(message *request.Error, c call) *refusal {
	return &refusal{message: message, reason: message.WithReceived(c.form, c.Client)}
}

// refuse answers a client that proved itself and asked for what cannot be, and keeps the reason.
func (e *Endpoints) refuse(w http.ResponseWriter, r *http.Request, c call, f *refusal) error {
	web.Log(r, slog.String("client", c.ID), slog.String("refused", f.message.Error()))
	if err := e.note(r, c.ID, f.message.Code, f.reason); err != nil {
		return err
	}
	return sayError(w, http.StatusBadRequest, f.message)
}

// disbelieve answers whoever did not prove to be the client that was named, and keeps the reason.
func (e *Endpoints) disbelieve(
	w http.ResponseWriter, r *http.Request, c client.Client, message *request.Error, reason error,
) error {
	web.Log(r, slog.String("client", c.ID), slog.String("refused", reason.Error()))
	if err := e.refuseClient(r, c, message.Code, reason); err != nil {
		return err
	}
	if r.Header.Get("Authorization") != "" {
		w.Header().Set("WWW-Authenticate", `Basic realm="token endpoint"`)
	}
	return sayError(w, http.StatusUnauthorized, message)
}

// eventClientRefused is recorded when a client did not prove itself.
const eventClientRefused audit.Kind = "client.refused"

// refuseClient keeps an event with the reason why a known client was not believed. A stranger that
// names no client we know leaves a log line only.
func (e *Endpoints) refuseClient(r *http.Request, c client.Client, code string, doubt error) error {
	if c.ID == "" {
		return nil
	}
	ctx, reason := r.Context(), client.Plain(doubt.Error())
	if !e.doubts.keep(c.ID, e.o.Clock.Now()) {
		return e.note(r, c.ID, code, reason)
	}
	err := e.o.DB.Update(ctx, web.Actor(r), func(w *db.W) error {
		event := audit.Event{Kind: eventClientRefused, Subject: client.Ref(c.ID), Reason: reason}
		return w.Refuse(ctx, event, fault.Unauthenticated)
	})
	if errors.Is(err, fault.Unauthenticated) {
		return e.note(r, c.ID, code, reason)
	}
	return err
}

// doubts bounds the events that those leave who name a client and do not prove to be it: anybody can. What is
// beyond is still counted, reason by reason, with the client's refusals. It is this node's own count.
type doubts struct {
	mu sync.Mutex
	of map[string]*rate.Limiter // by client id; only clients we know get here
}

const (
	maxDoubts    = 200 // events of one client at once
	doubtsAnHour = 200 // and after those
)

// keep reports whether one more is worth an event.
func (d *doubts) keep(clientID string, now time.Time) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	one, known := d.of[clientID]
	if !known {
		one = rate.NewLimiter(rate.Every(time.Hour/doubtsAnHour), maxDoubts)
		d.of[clientID] = one
	}
	return one.AllowN(now, 1)
}

// places say which endpoint refused a client. All others are AtOther.
var places = map[string]string{cis2.PushedPath: client.AtPush, cis2.TokenPath: client.AtToken}

// note keeps why a known client was refused, for the people who look after it.
func (e *Endpoints) note(r *http.Request, clientID, code, reason string) error {
	place, known := places[strings.TrimPrefix(r.URL.Path, e.o.Path)]
	if !known {
		place = client.AtOther
	}
	refusal := client.Refusal{ClientID: clientID, Place: place, Code: code, Reason: reason}
	return client.NoteRefusal(r.Context(), e.o.DB, refusal)
}

// sayError answers a program, not a person.
func sayError(w http.ResponseWriter, status int, e *request.Error) error {
	return web.JSON(w, status, map[string]string{"error": e.Code, "error_description": e.Description})
}
