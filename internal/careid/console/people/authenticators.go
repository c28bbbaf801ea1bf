package people

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"time"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/console/frame"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/organisation"
	"signpost/internal/careid/registration"
	"signpost/internal/careid/telling"
	"signpost/internal/national/authn"
	"signpost/internal/platform/db"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
	"signpost/internal/platform/when"
)

const authenticatorsPath = personPath + "/authenticators"

// anyKind is the choice of a link for whichever approved kind the person has.
const anyKind = "any"

// The forms on the page of a person's authenticators. They offer what can be done now.
var (
	linkForm = form.Form{
		Path: authenticatorsPath + "/link", At: authenticatorsPath, Page: "People", Act: "Make a link",
		Fields: []form.Field{
			form.Radios(nhsuk.RadiosParams{
				Name: "kind",
				Fieldset: nhsuk.FieldsetParams{Legend: nhsuk.LegendParams{
					Text: "What will they add?", Size: "s",
				}},
			}).Required("Select what they will add"),
			form.Radios(nhsuk.RadiosParams{
				Name: "witness",
				Fieldset: nhsuk.FieldsetParams{Legend: nhsuk.LegendParams{
					Text: "How are you with them now?", Size: "s",
				}},
				Hint: "Look at their face, and at the photo that you have of them. A telephone call is not enough.",
				Items: []nhsuk.RadioItem{
					{Value: string(authenticator.InPerson), Text: "In person"},
					{Value: string(authenticator.ByVideo), Text: "By video"},
				},
			}).Required("Select how you are with them now"),
		},
	}
	withdrawForm = form.Form{
		Path: authenticatorsPath + "/link/withdraw", At: authenticatorsPath, Page: "People", Act: "Withdraw the link",
		Fields: []form.Field{
			form.Hidden("link"),
			form.Input(nhsuk.InputParams{
				Name: "why_withdraw", Label: nhsuk.LabelParams{Text: "Why is the link withdrawn?", Size: "s"},
				Hint: "Such as: given to the wrong person. It is kept with your name.", Autocomplete: "off",
			}).Required("Enter why the link is withdrawn"),
		},
	}
	actForm = form.Form{
		Path: authenticatorsPath + "/act", At: authenticatorsPath, Page: "People", Act: "Change the authenticator",
		Fields: []form.Field{
			form.Radios(nhsuk.RadiosParams{
				Name:     "authenticator",
				Fieldset: nhsuk.FieldsetParams{Legend: nhsuk.LegendParams{Text: "Which authenticator?", Size: "s"}},
			}).Required("Select one of their authenticators"),
			form.Radios(nhsuk.RadiosParams{
				Name: "act",
				Fieldset: nhsuk.FieldsetParams{Legend: nhsuk.LegendParams{
					Text: "What do you want to do?", Size: "s",
				}},
				Items: []nhsuk.RadioItem{
					{
						Value: string(registration.Suspend), Text: "Suspend it",
						Hint: "It may turn up again. They are logged out wherever they logged in with it.",
					},
					{Value: string(registration.Restore), Text: "Lift the suspension"},
					{Value: string(registration.Unlock), Text: "Unlock it", Hint: "After too many wrong attempts."},
					{
						Value: string(registration.Remove), Text: "Remove it",
						Hint: "It is lost, broken or handed back. This cannot be undone.",
					},
				},
			}).Required("Select what you want to do"),
			form.Input(nhsuk.InputParams{
				Name: "why_act", Label: nhsuk.LabelParams{Text: "Why?", Size: "s"},
				Hint: "Such as: left on a train. It is kept with your name.", Autocomplete: "off",
			}).Required("Enter why"),
			form.Checkboxes(nhsuk.CheckboxesParams{Name: "sure", Items: []nhsuk.CheckboxItem{{
				Value: "yes", Text: "I know who asked for this, and that it is their authenticator",
			}}}).Required("Tick the box if you know who asked for this"),
		},
	}
)

// authenticatorForms are the forms on the page.
type authenticatorForms struct{ link, withdraw, act *form.Rendered }

func authenticatorFormsOf(r *http.Request) authenticatorForms {
	return authenticatorForms{link: linkForm.New(r), withdraw: withdrawForm.New(r), act: actForm.New(r)}
}

func (f authenticatorForms) all() []*form.Rendered {
	return []*form.Rendered{f.link, f.withdraw, f.act}
}

type authenticatorsView struct {
	Page           page.Params
	Tabs           []frame.Tab
	Forms          authenticatorForms
	Name           string
	Authenticators [][]nhsuk.TableCell
	Links          [][]nhsuk.TableCell
	Own            bool   // the user's own Care Identity
	MayLink        bool   // the user makes links for them, and the Care Identity can be used
	MayAct         bool   // the user's job lets them look after authenticators of theirs
	Waiting        bool   // there is a link that works
	Link           string // that was just made
	Untold         bool   // no address of theirs is confirmed
	Authority      bool   // the user is a manager or an agent
	PassHref       string
	CardHref       string // where their smartcard is looked after; empty where none is issued here
}

// authenticators shows what somebody can log in with, and the links that were made for them.
func (p *People) authenticators(w http.ResponseWriter, r *http.Request) error {
	return p.showAuthenticators(w, r, authenticatorFormsOf(r))
}

func (p *People) showAuthenticators(w http.ResponseWriter, r *http.Request, f authenticatorForms) error {
	uuid := r.PathValue("uuid")
	v, err := db.Read(r.Context(), p.frame.DB, func(read db.R) (v authenticatorsView, err error) {
		i, err := frame.Served(r, read, uuid)
		if err != nil {
			return v, err
		}
		may, err := mayBind(r, read, uuid)
		if err != nil {
			return v, err
		}
		v = authenticatorsView{
			Forms: f, Name: i.DisplayName(), Own: uuid == frame.User(r).Identity.UUID,
			MayAct: may, MayLink: may && i.Status == identity.Active, Authority: frame.User(r).Authority.RoleID != "",
		}
		told, err := telling.Addresses(r.Context(), read, uuid, "")
		if err != nil {
			return v, err
		}
		v.Untold = len(told) == 0
		return v, v.read(r.Context(), read, i, p.kinds)
	})
	if err != nil {
		return err
	}
	if v.stray() {
		return web.SeeOther(w, r, authenticatorsOf(uuid),
			"Nothing was changed. Look at the page again: that cannot be done now.")
	}
	if err := registration.NoteReading(r.Context(), p.frame.DB, web.Actor(r), uuid); err != nil {
		return err
	}
	if link := takeLink(w, r, uuid); link != "" {
		v.Link = p.frame.CIS2Pages + link
	}
	v.PassHref = passOf(uuid)
	if p.cards {
		v.CardHref = pathOf(uuid) + "/smartcard"
	}
	v.Page = p.frame.Page(w, r, "Authenticators of "+v.Name)
	v.Page.BackHref = pathOf(uuid)
	v.Tabs = frame.TabsOf(r, uuid, frame.TabAuthenticators)
	status := http.StatusOK
	for _, one := range f.all() {
		one.About(v.Name)
		v.Page.Error = v.Page.Error || one.HasProblems()
		status = max(status, one.Status())
	}
	return web.Show(w, r, status, authenticatorsPage(v))
}

// stray reports whether something is wrong with a form that is not on the page.
func (v *authenticatorsView) stray() bool {
	f := v.Forms
	none := v.Own || !v.MayAct
	return f.link.HasProblems() && (none || !v.MayLink) || f.withdraw.HasProblems() && (none || !v.Waiting) ||
		f.act.HasProblems() && (none || len(v.Authenticators) == 0)
}

func (v *authenticatorsView) read(ctx context.Context, r db.R, i identity.Identity, kinds []authn.Kind) error {
	if err := v.readAuthenticators(ctx, r, i.UUID); err != nil {
		return err
	}
	if err := v.readLinks(ctx, r, i.UUID); err != nil {
		return err
	}
	policies, err := organisation.PoliciesAt(ctx, r, []string{i.Organisation})
	if err != nil {
		return err
	}
	offered := []nhsuk.RadioItem{}
	for _, k := range registration.Offered(kinds, policies) {
		offered = append(offered, nhsuk.RadioItem{Value: string(k), Text: k.Label(), Hint: k.MaxLevel().String()})
	}
	if len(offered) > 1 {
		offered = append(offered, nhsuk.RadioItem{Value: anyKind, Text: "Any one of these, as they choose"})
	}
	v.Forms.link.Offer("kind", offered)
	return nil
}

func (v *authenticatorsView) readAuthenticators(ctx context.Context, r db.R, uuid string) error {
	bound, err := authenticator.OfIdentity(ctx, r, uuid)
	if err != nil {
		return err
	}
	looks, err := authenticatorLooks(ctx, r, bound)
	if err != nil {
		return err
	}
	locks, err := authenticator.Locks(ctx, r, uuid)
	if err != nil {
		return err
	}
	items := []nhsuk.RadioItem{}
	for _, a := range bound {
		status := standing(a, locks[a.ID])
		v.Authenticators = append(v.Authenticators, authenticatorRow(a, looks[a.Model.AAGUID], status))
		items = append(items, nhsuk.RadioItem{Value: a.ID, Text: a.Name, Hint: a.Kind.Label() + ". " + status})
	}
	v.Forms.act.Offer("authenticator", items)
	return nil
}

// standing words what may be done with an authenticator; lockEnds is when it is free again on every browser, and zero
// where that is not said.
func standing(a authenticator.Authenticator, lockEnds time.Time) string {
	text := "Active"
	if a.Status != authenticator.Active {
		text = "Suspended"
	}
	if !lockEnds.IsZero() {
		text += ", locked after too many wrong attempts until " + when.DateTime(lockEnds)
	}
	return text
}

// linksShown is how many links of a person are shown.
const linksShown = 10

func (v *authenticatorsView) readLinks(ctx context.Context, r db.R, uuid string) error {
	links, err := authenticator.InvitationsOf(ctx, r, uuid, linksShown)
	if err != nil {
		return err
	}
	var makers []string
	for _, link := range links {
		makers = append(makers, link.By)
	}
	people, err := identity.ByUUIDs(ctx, r, makers)
	if err != nil {
		return err
	}
	for _, link := range links {
		state, since := link.StateAt(r.Now())
		if state == authenticator.Sent || state == authenticator.Opened {
			v.Waiting = true
			v.Forms.withdraw.Set("link", link.ID)
		}
		v.Links = append(v.Links, []nhsuk.TableCell{
			{Text: when.DateTime(link.Made)},
			{HTML: page.Name(cmp.Or(people[link.By].DisplayName(), makerText(link)))},
			{Text: witnessTexts[link.Witness]},
			{Text: kindsText(link.Kinds)},
			{Text: stateTexts[state] + when.DateTime(since)},
		})
	}
	return nil
}

// makerText names who made a link that nobody made who has a Care Identity.
func makerText(link authenticator.Invitation) string {
	if link.Witness == authenticator.ByPass {
		return "The person"
	}
	return "Those who run the system"
}

var witnessTexts = map[authenticator.Witness]string{
	authenticator.InPerson: "In person", authenticator.ByVideo: "By video",
	authenticator.ByPass: "Not seen: temporary access pass", authenticator.BySelf: "Not seen: was logged in",
	"": "Not recorded",
}

var stateTexts = map[authenticator.InvitationState]string{
	authenticator.Sent:      "Sent, not opened yet: ",
	authenticator.Opened:    "Opened, a code was sent to them: ",
	authenticator.Bound:     "Used, an authenticator was added: ",
	authenticator.Expired:   "Expired: ",
	authenticator.Withdrawn: "Withdrawn: ",
	authenticator.LockedOut: "Locked after too many wrong codes: ",
}

func kindsText(kinds []authn.Kind) (text string) {
	for n, k := range kinds {
		if n > 0 {
			text += ", "
		}
		text += k.Label()
	}
	return text
}

// link makes a link by which the person adds an authenticator.
func (p *People) link(w http.ResponseWriter, r *http.Request) error {
	f := authenticatorFormsOf(r)
	f.link = linkForm.Read(r)
	if !f.link.Complete() {
		return p.showAuthenticators(w, r, f)
	}
	chosen := f.link.Value("kind")
	kinds := slices.DeleteFunc(slices.Clone(p.kinds), func(k authn.Kind) bool {
		return chosen != anyKind && string(k) != chosen
	})
	uuid := r.PathValue("uuid")
	path, err := registration.Invite(r.Context(), p.frame.DB, web.Actor(r), uuid, kinds,
		authenticator.Witness(f.link.Value("witness")))
	if refused(err) {
		f.link.Explain(err)
		return p.showAuthenticators(w, r, f)
	}
	if err != nil {
		return err
	}
	if err := web.LeaveNote(w, r, linkNote, newLink{UUID: uuid, Path: path}); err != nil {
		return err
	}
	return web.SeeOther(w, r, authenticatorsOf(uuid), "Link made. It is shown below, once.")
}

// withdraw ends the link that works.
func (p *People) withdraw(w http.ResponseWriter, r *http.Request) error {
	f := authenticatorFormsOf(r)
	f.withdraw = withdrawForm.Read(r)
	return p.doThere(w, r, f, f.withdraw, "Link withdrawn. It does not work any more.", func(uuid string) error {
		return registration.WithdrawLink(r.Context(), p.frame.DB, web.Actor(r), uuid, f.withdraw.Value("link"),
			f.withdraw.Value("why_withdraw"))
	})
}

var actedTexts = map[registration.Act]string{
	registration.Suspend: "Authenticator suspended.",
	registration.Restore: "Suspension lifted.",
	registration.Unlock:  "Authenticator unlocked.",
	registration.Remove:  "Authenticator removed.",
}

// act suspends, restores, unlocks or removes one of the person's authenticators.
func (p *People) act(w http.ResponseWriter, r *http.Request) error {
	f := authenticatorFormsOf(r)
	f.act = actForm.Read(r)
	act := registration.Act(f.act.Value("act"))
	told, err := db.Read(r.Context(), p.frame.DB, func(read db.R) ([]string, error) {
		return telling.Addresses(r.Context(), read, r.PathValue("uuid"), "")
	})
	if err != nil {
		return err
	}
	done := actedTexts[act]
	if len(told) > 0 {
		done += " They are being told by email."
	}
	return p.doThere(w, r, f, f.act, done, func(uuid string) error {
		return registration.ActOn(r.Context(), p.frame.DB, web.Actor(r), uuid, f.act.Value("authenticator"), act,
			f.act.Value("why_act"))
	})
}

// doThere does what a form of the page asks for. What the operation refuses is said at the form.
func (p *People) doThere(
	w http.ResponseWriter, r *http.Request, f authenticatorForms, sent *form.Rendered, done string,
	operation func(uuid string) error,
) error {
	if !sent.Complete() {
		return p.showAuthenticators(w, r, f)
	}
	uuid := r.PathValue("uuid")
	err := operation(uuid)
	if refused(err) {
		sent.Explain(err)
		return p.showAuthenticators(w, r, f)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, authenticatorsOf(uuid), done)
}
