package held

import (
	"cmp"
	"crypto/hmac"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/random"
	"signpost/internal/platform/session"
	"signpost/internal/platform/web"
)

// maxForms is how many forms are held for one person, whichever browsers they use: what their pages can have kept is
// bounded, however often they are sent. Each has a place, and the newest takes that of the oldest.
const maxForms = 5

// placed is a form that is held, and its place.
type placed struct {
	Form
	place int
	ends  time.Time
}

// is reports whether the same was filled into the same form.
func (f Form) is(path string, fields url.Values) bool {
	return f.Path == path && f.Fields.Encode() == fields.Encode()
}

// numbered gives the name of a place among those that begin alike. The first has no number, as the release before had
// one place.
func numbered(name string, place int) string {
	if place == 0 {
		return name
	}
	return name + "-" + strconv.Itoa(place)
}

// cookie names the cookie of a form that is held for somebody, of which each person has their own on a browser.
func (p Posts) cookie(subject string, place int) string {
	return numbered("held-"+hex.EncodeToString(p.digest(subject)[:6]), place)
}

// id is that of the row of a form that is held for somebody.
func (p Posts) id(subject string, place int) string {
	return numbered("held-"+hex.EncodeToString(p.digest(subject)[:16]), place)
}

// list gives the forms that are held for somebody on this browser, the newest first.
func (p Posts) list(r *http.Request, subject string) (list []placed, err error) {
	for place := range maxForms {
		one, err := p.find(r, subject, place)
		if errors.Is(err, fault.NotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		list = append(list, one)
	}
	slices.SortStableFunc(list, func(a, b placed) int { return b.ends.Compare(a.ends) })
	return list, nil
}

// find gives the form that is held in a place for this person on this browser, or fault.NotFound.
func (p Posts) find(r *http.Request, subject string, place int) (one placed, err error) {
	cookie := web.Cookie(r, p.cookie(subject, place))
	if cookie == "" {
		return one, fault.NotFound
	}
	id, secret := session.Split(cookie)
	f, err := db.Read(r.Context(), p.DB, func(dr db.R) (session.Flow[state], error) {
		return p.flows().Load(r.Context(), dr, id, secret)
	})
	if errors.Is(err, fault.Expired) || err == nil && !hmac.Equal(f.State.Owner, p.digest(subject)) {
		return one, fault.NotFound
	}
	if err != nil {
		return one, err
	}
	text, err := p.Box.Open(f.State.Sealed, p.Site+"/held")
	if err != nil {
		return one, err
	}
	one = placed{place: place, ends: f.Ends}
	if err := json.Unmarshal(text, &one.Form); err != nil {
		return one, fmt.Errorf("read held form: %w", err)
	}
	return one, nil
}

// placeNamed gives the place that a form names.
func placeNamed(text string) (place int, named bool) {
	place, err := strconv.Atoi(text)
	return place, err == nil && place >= 0 && place < maxForms
}

// placeFor chooses where a form is held: in the place of the same one that was sent before, in a free one, or in that
// of the oldest.
func (p Posts) placeFor(r *http.Request, subject string, sent Form) (int, error) {
	list, err := p.list(r, subject)
	if err != nil {
		return 0, err
	}
	for _, one := range list {
		if one.is(sent.Path, sent.Fields) {
			return one.place, nil
		}
	}
	ids := make([]string, maxForms)
	for place := range ids {
		ids[place] = p.id(subject, place)
	}
	ends, err := db.Read(r.Context(), p.DB, func(dr db.R) (map[string]time.Time, error) {
		return p.flows().Ends(r.Context(), dr, ids)
	})
	if err != nil {
		return 0, err
	}
	first := slices.MinFunc(ids, func(a, b string) int { return cmp.Compare(ends[a].UnixMilli(), ends[b].UnixMilli()) })
	return slices.Index(ids, first), nil
}

// keep holds a form in its place.
func (p Posts) keep(w http.ResponseWriter, r *http.Request, owner string, sent placed) error {
	text, err := json.Marshal(sent.Form)
	if err != nil {
		return fmt.Errorf("hold form: %w", err)
	}
	row := state{Owner: p.digest(owner), Sealed: p.Box.Seal(text, p.Site+"/held")}
	id := p.id(owner, sent.place)
	secret := random.Secret()
	err = p.DB.Keep(r.Context(), func(k *db.K) error { return p.flows().Replace(r.Context(), k, id, secret, row) })
	if err != nil {
		return err
	}
	web.SetCookie(w, p.cookie(owner, sent.place), session.Cookie(id, secret), int(life/time.Second))
	return nil
}

// dropOne discards the form that is held in a place for somebody on this browser, if there is one.
func (p Posts) dropOne(w http.ResponseWriter, r *http.Request, subject string, place int) error {
	cookie := web.Cookie(r, p.cookie(subject, place))
	if cookie == "" {
		return nil
	}
	web.ClearCookie(w, p.cookie(subject, place))
	id, secret := session.Split(cookie)
	return p.DB.Keep(r.Context(), func(k *db.K) error {
		_, err := p.flows().Take(r.Context(), k, id, secret)
		if errors.Is(err, fault.Expired) {
			return nil
		}
		return err
	})
}
