package people

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"time"

	"signpost/internal/careid/access"
	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/console/frame"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/metadata"
	"signpost/internal/careid/organisation"
	"signpost/internal/careid/registration"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
	"signpost/internal/platform/when"
)

// forms are those on the page of a person.
type forms struct{ give, end, move *form.Rendered }

func formsOf(r *http.Request) forms {
	return forms{give: giveForm.New(r), end: endForm.New(r), move: moveForm.New(r)}
}

func (f forms) all() []*form.Rendered { return []*form.Rendered{f.give, f.end, f.move} }

func (p *People) person(w http.ResponseWriter, r *http.Request) error {
	return p.showPerson(w, r, formsOf(r))
}

func (p *People) showPerson(w http.ResponseWriter, r *http.Request, f forms) error {
	uuid := r.PathValue("uuid")
	v, err := db.Read(r.Context(), p.frame.DB, func(read db.R) (v personView, err error) {
		i, err := p.served(r, read, uuid)
		if err != nil {
			return v, err
		}
		v = personView{Forms: f, Name: i.DisplayName(), Own: uuid == frame.User(r).Identity.UUID,
			Active: i.Status == identity.Active}
		return v, v.read(r.Context(), read, i)
	})
	if err != nil {
		return err
	}
	if v.hasStray() {
		return web.SeeOther(w, r, pathOf(uuid), "Nothing was changed. Look at the page again: that cannot be done now.")
	}
	if err := registration.NoteReading(r.Context(), p.frame.DB, web.Actor(r), uuid); err != nil {
		return err
	}
	v.AuthenticatorsHref = authenticatorsOf(uuid)
	v.Page = p.frame.Page(w, r, v.Name)
	v.Page.BackHref = frame.PeoplePath
	status := http.StatusOK
	for _, one := range f.all() {
		one.About(v.Name)
		v.Page.Error = v.Page.Error || one.HasProblems()
		status = max(status, one.Status())
	}
	return web.Show(w, r, status, personPage(v))
}

// hasStray reports whether something is wrong with a form that is not on the page.
func (v *personView) hasStray() bool {
	f := v.Forms
	give := v.Active && !v.Own
	return f.give.HasProblems() && !give ||
		f.end.HasProblems() && (!v.MayEnd || v.Own) || f.move.HasProblems() && v.Own
}

func (v *personView) read(ctx context.Context, r db.R, i identity.Identity) error {
	at, err := organisation.Text(ctx, r, i.Organisation)
	if err != nil {
		return err
	}
	documents, err := documentsText(ctx, r, i)
	if err != nil {
		return err
	}
	v.About = []nhsuk.SummaryListRow{
		{Key: "Care Identity number", Value: i.UUID},
		{Key: "Status", ValueHTML: nhsuk.Tag(statusTag(i.Status))},
		{Key: "Email address", ValueHTML: page.Contact(cmp.Or(i.Email, "None given"))},
		{Key: "Organisation", Value: at},
		{Key: "Identity", Value: documents},
	}
	v.About, err = frame.WithBounce(ctx, r, v.About, i.Email, "The person changes or confirms it in their profile.")
	if err != nil {
		return err
	}
	v.Forms.give.Set("organisation", i.Organisation)
	v.Forms.move.Offer("move", movesFrom(i.Status))
	if err := v.readPositions(ctx, r, i.UUID); err != nil {
		return err
	}
	return v.readAuthenticators(ctx, r, i.UUID)
}

// documentsText says how sure it is who the person is, and what that rests on.
func documentsText(ctx context.Context, r db.R, i identity.Identity) (string, error) {
	level := "Level " + string(rune('0'+i.AssuranceLevel))
	seen, err := identity.DocumentsOf(ctx, r, i.UUID)
	if errors.Is(err, fault.NotFound) {
		return level + ". No documents were recorded here.", nil
	}
	if err != nil {
		return "", err
	}
	by, err := identity.ByUUID(ctx, r, seen.By)
	return level + ". " + identity.DocumentName(seen.Photo) + " ending in " + seen.Ending + ", " +
		identity.DocumentName(seen.Address) + ", " + identity.DocumentName(seen.Other) + ", seen by " +
		by.DisplayName() + " on " + when.Date(seen.At) + ".", err
}

// movesFrom offers what can be done to a Care Identity in a status.
func movesFrom(s identity.Status) (items []nhsuk.RadioItem) {
	for _, act := range []identity.Act{
		identity.Activate, identity.Resume, identity.Reopen, identity.Suspend, identity.Close,
	} {
		if _, possible := identity.After(s, act); possible {
			item := actTexts[act]
			item.Value = string(act)
			items = append(items, item)
		}
	}
	return items
}

var actTexts = map[identity.Act]nhsuk.RadioItem{
	identity.Activate: {Text: "Activate it", Hint: "It can be used from now on."},
	identity.Resume:   {Text: "Make it active again", Hint: "Its positions and authenticators work again."},
	identity.Reopen:   {Text: "Reopen it", Hint: "Positions and authenticators have to be given again."},
	identity.Suspend: {
		Text: "Suspend it", Hint: "They are logged out everywhere. Positions and authenticators are kept.",
	},
	identity.Close: {
		Text: "Close it", Hint: "They have left. All positions end, and all authenticators are removed.",
	},
}

func (v *personView) readPositions(ctx context.Context, r db.R, uuid string) error {
	held, err := access.OfIdentity(ctx, r, uuid)
	if err != nil {
		return err
	}
	items := []nhsuk.RadioItem{}
	for _, a := range held {
		at, err := organisation.Text(ctx, r, a.Position.Organisation)
		if err != nil {
			return err
		}
		ends := "No end"
		if !a.Ends.IsZero() {
			ends = when.Date(a.Ends)
		}
		if a.Over(r.Now()) {
			ends += " (over)"
		} else {
			items = append(items, nhsuk.RadioItem{Value: a.ID, Text: a.Position.Name, Hint: at})
		}
		v.Positions = append(v.Positions, nhsuk.Cells(a.Position.Name, at, when.Date(a.Starts), ends))
	}
	v.MayEnd = len(items) > 0
	v.Forms.end.Offer("assignment", items)
	return nil
}

// authenticatorLooks gives how the models of authenticators are shown, by AAGUID.
func authenticatorLooks(
	ctx context.Context, r db.R, list []authenticator.Authenticator,
) (map[string]metadata.Look, error) {
	var models []string
	for _, a := range list {
		models = append(models, a.Model.AAGUID)
	}
	return metadata.Looks(ctx, r, models)
}

// authenticatorRow is an authenticator in a table of a person's authenticators.
func authenticatorRow(a authenticator.Authenticator, look metadata.Look, status string) []nhsuk.TableCell {
	return []nhsuk.TableCell{
		{Text: a.Name}, {Text: a.Kind.Label() + ", " + a.LevelText()}, {HTML: modelCell(look)}, {Text: status},
		{Text: when.Date(a.BoundAt)},
	}
}

func (v *personView) readAuthenticators(ctx context.Context, r db.R, uuid string) error {
	bound, err := authenticator.OfIdentity(ctx, r, uuid)
	if err != nil {
		return err
	}
	looks, err := authenticatorLooks(ctx, r, bound)
	if err != nil {
		return err
	}
	for _, a := range bound {
		v.Authenticators = append(v.Authenticators,
			authenticatorRow(a, looks[a.Model.AAGUID], standing(a, time.Time{})))
	}
	return nil
}
