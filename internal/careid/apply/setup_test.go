package apply_test

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/jpeg"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"signpost/internal/careid/access"
	"signpost/internal/careid/apply"
	"signpost/internal/careid/apply/document"
	"signpost/internal/careid/careidtest"
	"signpost/internal/careid/population"
	"signpost/internal/careid/registration/permission"
	"signpost/internal/national/rbac"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/job"
	"signpost/internal/platform/worldtest"
)

const (
	day    = 24 * time.Hour
	mobile = "+447700900123"
	mailTo = "bea.okafor@example.nhs.uk"
)

var stranger = actor.Actor{Kind: actor.Stranger}

// world has somebody of each job at a trust, and desks without and with a service that looks at documents.
type world struct {
	*careidtest.World

	desk   *apply.Desk
	people map[permission.Job]actor.Actor
	found  document.Refusals // what the service finds
}

// Check is the service that looks at documents.
func (w *world) Check(context.Context, document.Evidence) (document.Refusals, error) {
	return w.found, nil
}

func open(t *testing.T) *world {
	t.Helper()
	w := &world{World: careidtest.Open(t, careidtest.Nine), people: map[permission.Job]actor.Actor{}}
	w.desk = &apply.Desk{Box: w.Box, Address: "https://cim.example.nhs.uk", Checker: w, Policy: apply.Policy{
		Link: 14 * day, Pictures: time.Hour, Unfinished: 30 * day, Decided: 90 * day,
	}}
	w.Start(careidtest.Idle, func(ws *job.Workers) {
		w.desk.DB = w.DB
		job.Work(ws, func(context.Context, access.Ended) error { return nil })
		w.desk.Work(ws)
	})
	w.desk.Post = w.Post
	w.Make(population.Description{Organisations: []population.Organisation{
		{Code: "ZTR", Name: "Fenmarch Trust", Contact: "ra@ztr.example"},
		{Code: "Z90001", Name: "Oak Tree Pharmacy", RAParent: "ZTR"},
		{Code: "Z90002", Name: "St Anne's Surgery", RAParent: "ZTR", Contact: "ra@z90002.example"},
	}})
	for i, j := range permission.Jobs {
		w.people[j] = w.of(j, "ZTR", string(rune('a'+i))+"@ztr.example")
	}
	return w
}

// of makes somebody of a job at an organisation.
func (w *world) of(j permission.Job, at, email string) actor.Actor {
	w.Helper()
	held := map[permission.Job][2]string{
		permission.Manager:       {rbac.RegistrationManager, ""},
		permission.AdvancedAgent: {rbac.RegistrationAgent, permission.UsualAdvancedAgent},
		permission.Agent:         {rbac.RegistrationAgent, ""},
		permission.Sponsor:       {rbac.AdminClinicalSupport, rbac.ApproveRequests},
		permission.IDChecker:     {rbac.AdminClinicalSupport, rbac.CheckIdentity},
		permission.CardUnlocker:  {rbac.AdminClinicalSupport, permission.UsualCardUnlocker},
		permission.User:          {rbac.AdminClinicalSupport, ""},
	}[j]
	return w.Person(population.Person{GivenName: "One", FamilyName: "Person", Organisation: at, Email: email,
		Positions: []population.Position{{Organisation: at, Role: held[0], Activities: strings.Fields(held[1])}}})
}

func bea() apply.Invitation {
	return apply.Invitation{GivenName: "Bea", FamilyName: "Okafor", Email: mailTo, Mobile: "07700 900123",
		Organisation: "Z90001", Reason: "joins the pharmacy"}
}

// invite invites Bea, as the sponsor.
func (w *world) invite() apply.Application {
	w.Helper()
	return worldtest.Must(w.desk.Invite(w.Context(), w.people[permission.Sponsor], bea()))(w)
}

var (
	linkForm = regexp.MustCompile(`/apply-for-care-id/link/(\S+)`)
	codeForm = regexp.MustCompile(`^[0-9]{6}`)
)

// link is the one in the newest mail to the applicant that has one.
func (w *world) link() string {
	w.Helper()
	found := linkForm.FindStringSubmatch(w.newest(mailTo, "link/"))
	return found[1]
}

// newest is the text of the newest message to somebody that has some words in it.
func (w *world) newest(to, says string) (text string) {
	w.Helper()
	w.Settle()
	var at time.Time
	for _, m := range w.Mails.To(to) { // those of one moment in the order in which they came
		if strings.Contains(m.Text, says) && !m.Queued.Before(at) {
			text = m.Text
			at = m.Queued
		}
	}
	if text == "" {
		w.Fatalf("no message to %s says %q", to, says)
	}
	return text
}

// code is the one in the newest text message.
func (w *world) code() string {
	w.Helper()
	return codeForm.FindString(w.newest(mobile, "is your code"))
}

// enter opens the newest link and types the code that comes, and gives the cookie.
func (w *world) enter() string {
	w.Helper()
	cookie := worldtest.Must(w.desk.Open(w.Context(), stranger, w.link()))(w)
	w.Must(w.desk.EnterCode(w.Context(), stranger, cookie, w.code()))
	return cookie
}

// details says who the applicant is.
func (w *world) details(cookie string) {
	w.Helper()
	w.Must(w.desk.SaveName(w.Context(), stranger, cookie, "Beatrice", "", "Okafor"))
	w.Must(w.desk.SaveBirthDate(w.Context(), stranger, cookie, "31 3 1980"))
	w.Must(w.desk.SaveNI(w.Context(), stranger, cookie, "AB 12 34 56 C"))
}

// complete answers whatever is to be answered.
func (w *world) complete(cookie string) {
	w.Helper()
	ctx := w.Context()
	for {
		p := w.mine(cookie)
		step, missing := p.Next()
		if !missing {
			return
		}
		switch step {
		case apply.StepName, apply.StepBirth, apply.StepNI:
			w.details(cookie)
		case apply.StepPhotoID:
			w.Must(w.desk.SavePhotoID(ctx, stranger, cookie, "passport", "48a1"))
		default:
			kind := map[apply.Step]string{"address-1": "council-tax", "address-2": "utility-bill"}[step]
			w.Must(w.desk.SavePicture(ctx, stranger, cookie, document.Shot(step), kind, scene()))
		}
	}
}

func (w *world) mine(cookie string) apply.Progress {
	w.Helper()
	return worldtest.Read(w.World.World, func(ctx context.Context, r db.R) (apply.Progress, error) {
		return w.desk.Mine(ctx, r, cookie)
	})
}

func (w *world) application(id string) apply.Application {
	w.Helper()
	return worldtest.Read(w.World.World, func(ctx context.Context, r db.R) (apply.Application, error) {
		return apply.ByID(ctx, r, id)
	})
}

// at gives the state of an application now.
func (w *world) at(id string) apply.State {
	w.Helper()
	return w.application(id).At(w.Clock.Now())
}

// submitted is an application of Bea's that waits for somebody to look at it.
func (w *world) submitted() apply.Application {
	w.Helper()
	a := w.invite()
	cookie := w.enter()
	w.complete(cookie)
	w.Must(w.desk.Submit(w.Context(), stranger, cookie))
	return a
}

// scene is a picture in which there is something to see.
var scene = sync.OnceValue(func() []byte {
	drawn := image.NewGray(image.Rect(0, 0, 520, 520))
	for y := range 520 {
		for x := range 520 {
			drawn.SetGray(x, y, color.Gray{Y: uint8(60 + (x/20+y/20)%2*120)})
		}
	}
	var out bytes.Buffer
	if err := jpeg.Encode(&out, drawn, nil); err != nil {
		panic(err)
	}
	return out.Bytes()
})

// all accepts everything.
func all() apply.Verdict { return apply.Verdict{Accepted: document.Items, IsNew: true} }

// refusing accepts everything but some items.
func refusing(refused document.Refusals) apply.Verdict {
	v := apply.Verdict{Refused: refused}
	for _, item := range document.Items {
		if refused[item] == "" {
			v.Accepted = append(v.Accepted, item)
		}
	}
	return v
}
