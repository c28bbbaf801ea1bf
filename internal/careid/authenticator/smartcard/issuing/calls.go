package issuing

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"

	"signpost/internal/national/cards"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/web"
)

// maxCalls is how many codes one network address may bring in a minute on a node. Each is one of 8 letters and digits.
const maxCalls = 30

// Mount adds the addresses that the program at the reader calls, and that of the list.
func (d *Desk) Mount(s *web.Site) {
	for path, h := range map[string]func(context.Context, actor.Actor, cards.Request) (cards.Response, error){
		cards.IssuePath: d.callIssue, cards.RenewPath: d.callRenew, cards.UnlockPath: d.callUnlock,
	} {
		s.HandleCalls("POST "+path, web.Anyone, s.PerMinute(maxCalls, answer(h)))
	}
	s.Handle("GET "+cards.ListPath, web.Anyone, d.sendList)
}

// answer answers a call, or says why it does not.
func answer(h func(context.Context, actor.Actor, cards.Request) (cards.Response, error)) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		var asked cards.Request
		if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
			return web.JSON(w, http.StatusBadRequest, cards.Response{Problem: "The request is not JSON."})
		}
		web.WithActor(r, actor.Actor{Kind: actor.Stranger, ID: "card reader"})
		response, err := h(r.Context(), web.Actor(r), asked)
		if f, known := fault.From(err); known && f.Message != "" {
			web.Log(r, slog.String("refused", err.Error()))
			return web.JSON(w, f.Code.Status(), cards.Response{Problem: f.Message, Cure: f.Cure})
		}
		if err != nil {
			return err
		}
		return web.JSON(w, http.StatusOK, response)
	}
}

func (d *Desk) callIssue(ctx context.Context, by actor.Actor, q cards.Request) (cards.Response, error) {
	made, err := d.Issue(ctx, by, q.Code, q.Request, q.UnlockKey)
	return cards.Response{Certificate: made.Certificate, Until: made.Until}, err
}

func (d *Desk) callRenew(ctx context.Context, by actor.Actor, q cards.Request) (cards.Response, error) {
	var made Made
	var err error
	if q.Code != "" {
		made, err = d.Renew(ctx, by, q.Code, q.Request)
	} else {
		made, err = d.RenewByCard(ctx, by, q.Request, q.Old, q.Signature)
	}
	return cards.Response{Certificate: made.Certificate, Until: made.Until}, err
}

func (d *Desk) callUnlock(ctx context.Context, by actor.Actor, q cards.Request) (cards.Response, error) {
	key, err := d.Unlock(ctx, by, q.Code)
	return cards.Response{UnlockKey: key}, err
}

func (d *Desk) sendList(w http.ResponseWriter, r *http.Request) error {
	der, err := d.List(r.Context())
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/pkix-crl")
	_, err = w.Write(der)
	return err
}
