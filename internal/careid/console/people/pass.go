package people

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"time"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/console/frame"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/registration"
	"signpost/internal/careid/registration/officer"
	"signpost/internal/careid/registration/permission"
	"signpost/internal/national/path"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
	"signpost/internal/platform/when"
)

const passPath = personPath + "/access-pass"

// The forms on the page of a person's temporary access passes.
var (
	passForm = form.Form{Path: passPath, Page: "People", Act: "Make a temporary access pass", Fields: []form.Field{
		form.Radios(nhsuk.RadiosParams{
			Name: "hours",
			Fieldset: nhsuk.FieldsetParams{Legend: nhsuk.LegendParams{
				Text: "How long does it work?", Size: "s",
			}},
			Hint: "As short as they need. They use it while you are still with them, if that is possible.",
			Items: []nhsuk.RadioItem{
				{Value: "1", Text: "1 hour"}, {Value: "8", Text: "8 hours"}, {Value: "24", Text: "24 hours"},
			},
			Value: "1",
		}).Required("Select how long the pass works"),
		form.Input(nhsuk.InputParams{
			Name: "why_pass", Label: nhsuk.LabelParams{Text: "How do you know that it is them?", Size: "s"},
			Hint: "Such as: seen by video, and looks like the photo. It is kept with your name.", Autocomplete: "off",
		}).Required("Enter how you know that it is them"),
	}}
	confirmPassForm = form.Form{
		Path: passPath + "/confirm", At: passPath, Page: "People", Act: "Make the pass that was asked for",
		Fields: []form.Field{form.Hidden("pass")},
	}
)

type passView struct {
	Page    page.Params
	Name    string
	Own     bool   // the user's own
	Active  bool   // the Care Identity can be used
	Staff   bool   // they work for a registration authority, so that it takes two people
	Waits   bool   // one waits to be made by the user
	Waiting bool   // one that the user asked for waits to be made by somebody else
	Asked   string // by whom
	Reason  string // how they know whom it is for
	Lasts   string // how long, once it is made
	Made    shownPass
	Passes  [][]nhsuk.TableCell
	Ask     *form.Rendered
	Confirm *form.Rendered
	Address string // where the pass is typed
}

// shownPass is shown once on the page of the person it is for.
type shownPass struct {
	UUID string `json:"uuid"`
	Pass string `json:"pass"`
	Ends string `json:"ends"`
}

const (
	passNote    = "access-pass"
	passesShown = 10
)

func hoursText(d time.Duration) string {
	if d == time.Hour {
		return "1 hour"
	}
	return strconv.Itoa(int(d.Hours())) + " hours"
}

// mayBind reports whether the user's job lets them look after the authenticators of somebody.
func mayBind(r *http.Request, read db.R, uuid string) (bool, error) {
	theirs, err := officer.OfIdentity(r.Context(), read, uuid)
	return frame.User(r).Officers.MayOver(permission.BindAuthenticator, theirs.Highest()), err
}

var errNoPass = fault.SayCure(fault.Forbidden,
	"Your job at the registration authority does not let you make a temporary access pass for this person.",
	"Ask a registration authority manager.")

func passOf(uuid string) string { return pathOf(uuid) + "/access-pass" }

func (p *People) passes(w http.ResponseWriter, r *http.Request) error {
	return p.showPasses(w, r, passForm.New(r), confirmPassForm.New(r))
}

func (p *People) showPasses(w http.ResponseWriter, r *http.Request, ask, confirm *form.Rendered) error {
	uuid := r.PathValue("uuid")
	v, err := db.Read(r.Context(), p.frame.DB, func(read db.R) (v passView, err error) {
		i, err := frame.Served(r, read, uuid)
		if err != nil {
			return v, err
		}
		user := frame.User(r).Identity.UUID
		v = passView{
			Name: i.DisplayName(), Own: uuid == user, Active: i.Status == identity.Active, Ask: ask, Confirm: confirm,
			Address: p.frame.CIS2Pages + path.AccessPassPage,
		}
		if v.Staff, err = registration.IsStaff(r.Context(), read, uuid); err != nil {
			return v, err
		}
		may, err := mayBind(r, read, uuid)
		if err == nil && !v.Own && !may {
			err = errNoPass
		}
		if err != nil {
			return v, err
		}
		return v, v.read(r.Context(), read, uuid, user)
	})
	if err != nil {
		return err
	}
	if ask.HasProblems() && (v.Own || !v.Active) || confirm.HasProblems() && (v.Own || !v.Waits) {
		return web.SeeOther(w, r, passOf(uuid), "Nothing was changed. Look at the page again: that cannot be done now.")
	}
	if err := registration.NoteReading(r.Context(), p.frame.DB, web.Actor(r), uuid); err != nil {
		return err
	}
	if !web.TakeNote(w, r, passNote, &v.Made) || v.Made.UUID != uuid {
		v.Made = shownPass{}
	}
	v.Page = p.frame.Page(w, r, "Temporary access pass for "+v.Name)
	v.Page.BackHref = authenticatorsOf(uuid)
	ask.About(v.Name)
	confirm.About(v.Name)
	v.Page.Error = ask.HasProblems() || confirm.HasProblems()
	return web.Show(w, r, max(ask.Status(), confirm.Status()), passPage(v))
}

var passTexts = map[authenticator.PassState]string{
	authenticator.PassWaits:     "Waits for a second person, until ",
	authenticator.PassWorks:     "Works, not used yet, until ",
	authenticator.PassUsed:      "Used: ",
	authenticator.PassWithdrawn: "Withdrawn: ",
	authenticator.PassEnded:     "Ended: ",
	authenticator.PassSpent:     "Worth nothing after too many wrong tries: ",
}

func (v *passView) read(ctx context.Context, r db.R, uuid, user string) error {
	list, err := authenticator.PassesOf(ctx, r, uuid, passesShown)
	if err != nil {
		return err
	}
	var numbers []string
	for _, one := range list {
		numbers = append(numbers, one.AskedBy, one.MadeBy)
	}
	people, err := identity.ByUUIDs(ctx, r, numbers)
	if err != nil {
		return err
	}
	for _, one := range list {
		state, since := one.StateAt(r.Now())
		asked := people[one.AskedBy].DisplayName()
		if state == authenticator.PassWaits {
			v.Asked = asked
			v.Lasts = hoursText(one.Lasts)
			v.Reason = one.Reason
			v.Waits = one.AskedBy != user
			v.Waiting = !v.Waits
			v.Confirm.Set("pass", one.ID)
		}
		v.Passes = append(v.Passes, []nhsuk.TableCell{
			{Text: when.DateTime(one.Asked)},
			{HTML: page.Name(asked)},
			{HTML: page.Name(cmp.Or(people[one.MadeBy].DisplayName(), "Nobody yet"))},
			{Text: passTexts[state] + when.DateTime(since)},
		})
	}
	return nil
}

// askPass makes a pass, or asks for one.
func (p *People) askPass(w http.ResponseWriter, r *http.Request) error {
	typed := passForm.Read(r)
	if !typed.Complete() {
		return p.showPasses(w, r, typed, confirmPassForm.New(r))
	}
	hours, _ := strconv.Atoi(typed.Value("hours")) // what is no number is refused as no choice
	made, err := registration.AskPass(r.Context(), p.frame.DB, web.Actor(r), r.PathValue("uuid"),
		registration.AskedPass{Hours: hours, Reason: typed.Value("why_pass"), Offered: slices.Clone(p.kinds)})
	if refused(err) {
		typed.Explain(err)
		return p.showPasses(w, r, typed, confirmPassForm.New(r))
	}
	return p.madePass(w, r, made, err)
}

// confirmPass makes a pass that somebody else asked for.
func (p *People) confirmPass(w http.ResponseWriter, r *http.Request) error {
	typed := confirmPassForm.Read(r)
	made, err := registration.ConfirmPass(r.Context(), p.frame.DB, web.Actor(r), r.PathValue("uuid"),
		typed.Value("pass"))
	if errors.Is(err, fault.NotFound) || refused(err) {
		return web.SeeOther(w, r, passOf(r.PathValue("uuid")),
			"Nothing was changed. That pass was made, was withdrawn, or nobody made it in time.")
	}
	return p.madePass(w, r, made, err)
}

func (p *People) madePass(w http.ResponseWriter, r *http.Request, made registration.MadePass, err error) error {
	if err != nil {
		return err
	}
	uuid := r.PathValue("uuid")
	if made.Pass == "" {
		return web.SeeOther(w, r, passOf(uuid),
			"Asked for. Another registration authority manager or agent makes the pass, within 24 hours.")
	}
	note := shownPass{UUID: uuid, Pass: made.Pass, Ends: when.DateTime(made.Ends)}
	if err := web.LeaveNote(w, r, passNote, note); err != nil {
		return err
	}
	return web.SeeOther(w, r, passOf(uuid), "Pass made. It is shown below, once.")
}
