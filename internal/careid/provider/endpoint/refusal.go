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

// refusal says why an authenticated client does not get what it asks for.
type refusal struct {
	message *request.Error // all that the client is told
	reason  string         // for the people who look after the client
}

// Error returns the reason.
func (f *refusal) Error() string { return f.reason }

// badRequest refuses a request that is wrong in itself.
func badRequest(message *request.Error, c call) *refusal {
	return &refusal{message: message, reason: message.WithReceived(c.form, c.Client)}
}

// refuse refuses the request of an authenticated client and stores the reason.
func (e *Endpoints) refuse(w http.ResponseWriter, r *http.Request, c call, f *refusal) error {
	web.Log(r, slog.String("client", c.ID), slog.String("refused", f.message.Error()))
	if err := e.note(r, c.ID, f.message.Code, f.reason); err != nil {
		return err
	}
	return writeError(w, http.StatusBadRequest, f.message)
}

// refuseCaller answers a caller that did not authenticate as the client that it named, and stores the reason.
func (e *Endpoints) refuseCaller(
	w http.ResponseWriter, r *http.Request, c client.Client, message *request.Error, reason error,
) error {
	return e.refuseWith(w, r, c, refusedCaller{http.StatusUnauthorized, message, reason})
}

// refusedCaller says how a caller that did not authenticate is answered, and why.
type refusedCaller struct {
	status  int
	message *request.Error
	reason  error
}

func (e *Endpoints) refuseWith(w http.ResponseWriter, r *http.Request, c client.Client, f refusedCaller) error {
	web.Log(r, slog.String("client", c.ID), slog.String("refused", f.reason.Error()))
	if err := e.recordCaller(r, c, f.message.Code, f.reason); err != nil {
		return err
	}
	if r.Header.Get("Authorization") != "" {
		w.Header().Set("WWW-Authenticate", `Basic realm="token endpoint"`)
	}
	return writeError(w, f.status, f.message)
}

// eventClientRefused is recorded when a client does not authenticate.
const eventClientRefused audit.Kind = "client.refused"

// recordCaller records why a caller that named a known client did not authenticate. A stranger that names no known
// client leaves only a log line.
func (e *Endpoints) recordCaller(r *http.Request, c client.Client, code string, cause error) error {
	if c.ID == "" {
		return nil
	}
	ctx := r.Context()
	reason := client.Plain(cause.Error())
	if !e.limits.allow(c.ID, e.o.Clock.Now()) {
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

// eventLimits bounds the events of callers that name a client and do not authenticate, because anybody can do that.
// Beyond the limit they are still counted by reason, with the client's refusals. Each node counts its own.
type eventLimits struct {
	mu       sync.Mutex
	byClient map[string]*rate.Limiter // by client id; only clients we know get here
}

const (
	maxEvents    = 200 // events of one client at once
	eventsAnHour = 200 // further events of one client
)

// allow reports whether one more event of a client may be recorded.
func (d *eventLimits) allow(clientID string, now time.Time) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	limiter, known := d.byClient[clientID]
	if !known {
		limiter = rate.NewLimiter(rate.Every(time.Hour/eventsAnHour), maxEvents)
		d.byClient[clientID] = limiter
	}
	return limiter.AllowN(now, 1)
}

// places maps paths to the places of refusals. All other paths are AtOther.
var places = map[string]string{cis2.PushedPath: client.AtPush, cis2.TokenPath: client.AtToken}

// note stores why a known client was refused, for the people who look after it.
func (e *Endpoints) note(r *http.Request, clientID, code, reason string) error {
	place, known := places[strings.TrimPrefix(r.URL.Path, e.o.Path)]
	if !known {
		place = client.AtOther
	}
	refusal := client.Refusal{ClientID: clientID, Place: place, Code: code, Reason: reason}
	return client.NoteRefusal(r.Context(), e.o.DB, refusal)
}

// writeError answers a program with an error of the protocol.
func writeError(w http.ResponseWriter, status int, e *request.Error) error {
	return web.JSON(w, status, map[string]string{"error": e.Code, "error_description": e.Description})
}
