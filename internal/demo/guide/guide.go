// Package guide is the demo's first page: a tour that ticks itself off, and the people who can be tried. Each person
// has a page of their own with all that is needed to be them.
package guide

import (
	"context"
	"net/http"
	"time"

	"signpost/internal/careid/authenticator/totp"
	"signpost/internal/platform/clock"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/page"
	"signpost/internal/platform/web/qr"
	"signpost/internal/platform/when"
)

// Site is one of the demo's sites.
type Site struct{ Name, Href, What string }

// Persona is somebody to be.
type Persona struct {
	ID       string // in addresses
	Group    string // whom they stand with
	Name     string
	Shows    string // the journey, in a few words
	Story    string // who they are and where they stand
	Username string // of the Directory of Services; empty for none
	Password string
	Email    string // of their Care Identity
	UUID     string // of their Care Identity
	Secret   string // of their authenticator app, in base32
	Try      []string
	Logins   []Login // that they can make without proof
}

// Login is a login that needs no proof, as only a demo has them.
type Login struct{ Site, Href string }

// Step is a step of the tour. Every part of it that has an address is a link.
type Step struct {
	Done  bool
	Parts []Part
}

// Part is a piece of a sentence.
type Part struct{ Text, Href string }

// Options say what the guide shows.
type Options struct {
	Frame  page.Params
	Sites  []Site
	People []Persona
	Tour   func(ctx context.Context) ([]Step, error)
	Clock  clock.Clock
	Later  func(by time.Duration) // moves the clock on
}

type guide struct{ Options }

// Mount adds the pages to a site.
func Mount(s *web.Site, o Options) {
	g := guide{Options: o}
	s.Handle("GET /{$}", web.Anyone, g.first)
	s.Handle("GET /be/{person}", web.Anyone, g.be)
	s.Handle("GET /be/{person}/code", web.Anyone, g.code)
	laterForm.Handle(s, web.Anyone, g.later)
}

const title = "Try Signpost"

// laterForm moves the demo's clock on: what ends by itself ends, and a day of work is over.
var laterForm = form.Form{Path: "/later", At: "/", Page: title, Act: "Go on to tomorrow"}

func (g guide) later(w http.ResponseWriter, r *http.Request) error {
	g.Later(24 * time.Hour)
	return web.SeeOther(w, r, "/", "")
}

// first shows the tour and the people.
func (g guide) first(w http.ResponseWriter, r *http.Request) error {
	steps, err := g.Tour(r.Context())
	if err != nil {
		return err
	}
	v := guideView{Page: g.Frame, Steps: steps, Sites: g.Sites, People: g.People, Now: when.DateTime(g.Clock.Now()),
		Later: laterForm.New(r)}
	v.Page.Title = title
	v.Page.Wide = true
	for _, s := range steps {
		if s.Done {
			v.Done++
		}
	}
	return web.Show(w, r, http.StatusOK, guidePage(v))
}

var errNobody = fault.SayCure(fault.NotFound, "There is nobody of that name to be.",
	"Choose somebody on the first page.")

func (g guide) person(r *http.Request) (Persona, error) {
	for _, p := range g.People {
		if p.ID == r.PathValue("person") {
			return p, nil
		}
	}
	return Persona{}, errNobody
}

// be shows everything that is needed to be somebody.
func (g guide) be(w http.ResponseWriter, r *http.Request) error {
	p, err := g.person(r)
	if err != nil {
		return err
	}
	v := beView{Page: g.Frame, Persona: p, Lines: linesOf(p)}
	v.Page.Title = "Be " + p.Name
	v.Page.Wide = true
	v.Page.BackHref = "/"
	if p.Secret != "" {
		if v.Code, err = g.codeNow(p); err != nil {
			return err
		}
		if v.QR, err = qr.Of(totp.URL("Signpost demo", p.Email, p.Secret)); err != nil {
			return err
		}
	}
	return web.Show(w, r, http.StatusOK, bePage(v))
}

// period is how long a code is shown (RFC 6238, as authenticator apps have it).
const period = 30

// code is the code of a moment.
type code struct {
	Code    string `json:"code"`
	Seconds int64  `json:"seconds"` // for which it is shown
}

func (g guide) codeNow(p Persona) (code, error) {
	now := g.Clock.Now()
	text, err := totp.CodeAt(p.Secret, now)
	return code{Code: text, Seconds: period - now.Unix()%period}, err
}

// code gives the code that the person's authenticator app shows now.
func (g guide) code(w http.ResponseWriter, r *http.Request) error {
	p, err := g.person(r)
	if err != nil {
		return err
	}
	if p.Secret == "" {
		return errNobody
	}
	now, err := g.codeNow(p)
	if err != nil {
		return err
	}
	return web.JSON(w, http.StatusOK, now)
}

// line is something to copy.
type line struct{ Name, Value string }

func linesOf(p Persona) (list []line) {
	for _, l := range []line{
		{"Username in the Directory of Services", p.Username},
		{"Email address of the Care Identity", p.Email},
		{"Password", p.Password},
		{"Number of the Care Identity", p.UUID},
	} {
		if l.Value != "" {
			list = append(list, l)
		}
	}
	return list
}
