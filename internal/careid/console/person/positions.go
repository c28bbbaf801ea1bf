package person

import (
	"context"
	"net/http"
	"slices"

	"signpost/internal/careid/access"
	"signpost/internal/careid/console/frame"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/organisation"
	"signpost/internal/careid/registration"
	"signpost/internal/careid/registration/officer"
	"signpost/internal/careid/registration/permission"
	"signpost/internal/careid/registration/staffrecord"
	"signpost/internal/careid/registration/usable"
	"signpost/internal/platform/db"
	"signpost/internal/platform/random"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/when"
)

func (p *Person) positions(w http.ResponseWriter, r *http.Request) error {
	return p.showPositions(w, r, giveForm.New(r), endForm.New(r), severalForm.New(r))
}

func (p *Person) showPositions(
	w http.ResponseWriter, r *http.Request, give, end, several *form.Rendered,
) error {
	uuid := r.PathValue("uuid")
	removed := r.URL.Query().Get("removed") != ""
	v, err := db.Read(r.Context(), p.frame.DB, func(read db.R) (v positionsView, err error) {
		i, err := frame.Served(r, read, uuid)
		if err != nil {
			return v, err
		}
		v = positionsView{Give: give, End: end, Several: several, Name: i.DisplayName(), Own: known{identity: i}.own(r),
			Active: i.Status == identity.Active, ShowsRemoved: removed}
		user := frame.User(r)
		v.MayRemoved, err = frame.MayAt(r, read, permission.ViewRemoved, i.Organisation)
		if err != nil {
			return v, err
		}
		give.Set("organisation", i.Organisation)
		v.MayGive, err = frame.MayAt(r, read, permission.AssignPosition, i.Organisation)
		if err != nil {
			return v, err
		}
		if err := v.proves(r.Context(), read, i); err != nil {
			return v, err
		}
		if err := v.read(r.Context(), read, user, uuid); err != nil {
			return v, err
		}
		return v, v.offerPositions(r.Context(), read, user, i.Organisation)
	})
	if err != nil {
		return err
	}
	if give.HasProblems() && (v.Own || !v.Active || !v.MayGive) || end.HasProblems() && (v.Own || !v.MayEnd) ||
		several.HasProblems() && (v.Own || !v.Active || !v.MayGiveSeveral) {
		return web.SeeOther(w, r, frame.PathOf(uuid)+"/positions",
			"Nothing was changed. Look at the page again: that cannot be done now.")
	}
	if err := p.noteReading(r); err != nil {
		return err
	}
	give.About(v.Name)
	end.About(v.Name)
	several.About(v.Name)
	v.Page = p.frame.Page(w, r, "Positions of "+v.Name)
	v.Page.BackHref = frame.PathOf(uuid)
	v.Page.Error = give.HasProblems() || end.HasProblems() || several.HasProblems()
	v.Tabs = frame.TabsOf(r, uuid, frame.TabPositions)
	v.Href = frame.PathOf(uuid) + "/positions"
	return web.Show(w, r, max(give.Status(), end.Status(), several.Status()), positionsPage(v))
}

// proves says whether the person has an authenticator, without which a position is worth nothing.
func (v *positionsView) proves(ctx context.Context, r db.R, i identity.Identity) error {
	facts, err := usable.Of(ctx, r, i)
	v.Authenticator, v.Proves = facts.Proves()
	v.Authenticators = frame.PathOf(i.UUID) + "/authenticators"
	return err
}

func (v *positionsView) read(ctx context.Context, r db.R, user *frame.Current, uuid string) error {
	held, err := access.OfIdentity(ctx, r, uuid)
	if err != nil {
		return err
	}
	var list []access.Position
	for _, a := range held {
		list = append(list, a.Position)
	}
	assigning, err := officer.AssigningBy(ctx, r, user.Identity.UUID, user.Officers, list...)
	if err != nil {
		return err
	}
	recorded, err := staffrecord.GaveTo(ctx, r, uuid)
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
			ends = when.LastDay(a.Ends)
		}
		cells := nhsuk.Cells(a.Position.Name, at, when.Date(a.Starts), ends)
		if a.Over(r.Now()) {
			v.Removed = append(v.Removed, cells)
			continue
		}
		v.held = append(v.held, a.Position.ID)
		change := nhsuk.TableCell{Text: "Another person changes it"}
		if !v.Own && assigning.May(a.Position) {
			items = append(items, nhsuk.RadioItem{Value: a.ID, Text: a.Position.Name, Hint: at})
			change = nhsuk.TableCell{HTML: changeLink(datesOf(uuid, a.ID), "Change dates", a.Position.Name)}
		}
		if slices.Contains(recorded, a.ID) {
			change = nhsuk.TableCell{Text: "The staff record says until when"}
		}
		v.Positions = append(v.Positions, append(cells, change))
	}
	v.MayEnd = len(items) > 0
	v.End.Offer("assignment", items)
	return nil
}

// give gives the person a position.
func (p *Person) give(w http.ResponseWriter, r *http.Request) error {
	f := giveForm.Read(r)
	if !f.Complete() {
		return p.showPositions(w, r, f, endForm.New(r), severalForm.New(r))
	}
	uuid := r.PathValue("uuid")
	asked, err := registration.GiveOrAsk(r.Context(), p.frame.DB, web.Actor(r), uuid, f.Value("position"),
		f.Value("organisation"))
	if refused(err) {
		f.Explain(err)
		return p.showPositions(w, r, f, endForm.New(r), severalForm.New(r))
	}
	if err != nil {
		return err
	}
	done := "Position given."
	if asked != "" {
		done = "Request " + random.Grouped(asked) + " made. They have the position once another manager approves it."
	}
	return web.SeeOther(w, r, frame.PathOf(uuid)+"/positions", done)
}

// end ends a position of the person.
func (p *Person) end(w http.ResponseWriter, r *http.Request) error {
	f := endForm.Read(r)
	show := func() error { return p.showPositions(w, r, giveForm.New(r), f, severalForm.New(r)) }
	return p.do(w, r, f, show, func() (string, error) {
		return "Position ended. Services that they are logged in to are being told.",
			registration.EndPosition(r.Context(), p.frame.DB, web.Actor(r), r.PathValue("uuid"),
				f.Value("assignment"), f.Value("why_end"))
	})
}

// do does what a form asks for, which says what it did. What the operation refuses is said at the form.
func (p *Person) do(
	w http.ResponseWriter, r *http.Request, f *form.Rendered, show func() error, operation func() (string, error),
) error {
	if !f.Complete() {
		return show()
	}
	done, err := operation()
	if refused(err) {
		f.Explain(err)
		return show()
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, frame.PathOf(r.PathValue("uuid"))+"/positions", done)
}
