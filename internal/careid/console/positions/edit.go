package positions

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"signpost/internal/careid/access"
	"signpost/internal/careid/registration/officer"
	"signpost/internal/careid/registration/positions"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
)

// edit asks what a position is to be.
func (p *Positions) edit(w http.ResponseWriter, r *http.Request) error {
	return p.showEdit(w, r, askForm.New(r), http.StatusOK)
}

func (p *Positions) showEdit(w http.ResponseWriter, r *http.Request, f *form.Rendered, status int) error {
	if err := requireDesign(r); err != nil {
		return err
	}
	v, err := db.Read(r.Context(), p.frame.DB, func(read db.R) (v editView, err error) {
		o, position, err := positionOf(r, read)
		if err != nil {
			return v, err
		}
		if v.Codes, err = codesAt(r.Context(), read, o.Code); err != nil {
			return v, err
		}
		v.Name = position.Name
		if !f.HasProblems() {
			f.Set("name", position.Name).Set("notes", position.Notes).Set("profiles", positions.Text(position.Profiles))
			f.Set("version", strconv.FormatInt(position.Version, 10))
		}
		return v, nil
	})
	if err != nil {
		return err
	}
	v.Form = f.About(v.Name)
	v.Page = p.frame.Page(w, r, "Change "+v.Name)
	v.Page.BackHref = pathOf(r)
	v.Page.Error = f.HasProblems()
	return web.Show(w, r, status, editPage(v))
}

// look shows what those who have a position would gain and lose, and asks whether it is to be.
func (p *Positions) look(w http.ResponseWriter, r *http.Request) error {
	asked := saveForm.New(r)
	switch {
	case web.CameBack(r):
		return p.lookAt(w, r, asked, asked)
	case r.URL.RawQuery == "" && !r.URL.ForceQuery: // somebody typed the address
		return web.SeeOther(w, r, pathOf(r)+"/edit", "")
	}
	typed := askForm.Read(r)
	if !typed.Complete() {
		return p.showEdit(w, r, typed, http.StatusUnprocessableEntity)
	}
	return p.lookAt(w, r, typed, asked)
}

func (p *Positions) lookAt(w http.ResponseWriter, r *http.Request, typed, asked *form.Rendered) error {
	if err := requireDesign(r); err != nil {
		return err
	}
	v, err := db.Costly(r.Context(), p.frame.DB, func(read db.R) (v lookView, err error) {
		_, before, err := positionOf(r, read)
		if err != nil {
			return v, err
		}
		after, err := positions.Read(r.Context(), read, typedIn(typed), before)
		if err != nil {
			return v, err
		}
		v.Name = after.Name
		if v.Holders, err = access.CountHolders(r.Context(), read, before.ID); err != nil {
			return v, err
		}
		law, err := officer.LawFor(r.Context(), read, after)
		if err != nil {
			return v, err
		}
		v.Changes = changesOf(access.Compare(before.Profiles, after.Profiles))
		v.Tells, err = tellsOf(r.Context(), read, law.Hierarchy, after.RoleProfiles())
		return v, err
	})
	if err != nil && !typed.Get { // no page of ours sends that
		return web.SeeOther(w, r, pathOf(r)+"/edit", "Nothing was saved. Look at the position again.")
	}
	if typed.Refuse(err) {
		return p.showEdit(w, r, typed, http.StatusUnprocessableEntity)
	}
	if err != nil {
		return err
	}
	for _, name := range []string{"name", "notes", "profiles", "version"} {
		asked.Set(name, typed.Values(name)...)
	}
	v.Form = asked.About(v.Name)
	v.Page = p.frame.Page(w, r, "What would change: "+v.Name)
	v.Page.BackHref = pathOf(r) + "/edit"
	v.Page.Error = asked.HasProblems()
	return web.Show(w, r, asked.Status(), lookPage(v))
}

// changesOf words what a change gives and takes, each with whether it is a gain or a loss.
func changesOf(d access.Difference) (rows [][2]string) {
	for _, f := range d.Added {
		rows = append(rows, [2]string{"Gain", withRights(f)})
	}
	for _, f := range d.Removed {
		rows = append(rows, [2]string{"Lose", withRights(f)})
	}
	for _, c := range d.Changed {
		if gained := c.Gained(); len(gained) > 0 {
			rows = append(rows, [2]string{"Gain", strings.Join(gained, ", ") + " in " + c.After.RoleText()})
		}
		if lost := c.Lost(); len(lost) > 0 {
			rows = append(rows, [2]string{"Lose", strings.Join(lost, ", ") + " in " + c.After.RoleText()})
		}
	}
	return rows
}

func withRights(f access.Profile) string {
	codes := strings.Fields(positions.Text([]access.Profile{f}))
	if len(codes) < 2 {
		return f.RoleText()
	}
	return f.RoleText() + " with " + strings.Join(codes[1:], ", ")
}

// save saves the position that was looked at.
func (p *Positions) save(w http.ResponseWriter, r *http.Request) error {
	f := saveForm.Read(r)
	if !f.Complete() {
		return p.lookAt(w, r, f, f)
	}
	version, err := strconv.ParseInt(f.Value("version"), 10, 64)
	if err == nil {
		err = positions.Edit(r.Context(), p.frame.DB, web.Actor(r), r.PathValue("position"), version, typedIn(f),
			approvalIn(f))
	} else {
		err = fault.OfField("profiles", "Look at the position again")
	}
	if refused(err) {
		f.Explain(err)
		return p.lookAt(w, r, f, f)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, pathOf(r), "Position saved. What it takes is gone; what it gives comes in a moment.")
}

func (p *Positions) askClose(w http.ResponseWriter, r *http.Request) error {
	return p.showClose(w, r, closeForm.New(r))
}

func (p *Positions) showClose(w http.ResponseWriter, r *http.Request, f *form.Rendered) error {
	if err := requireDesign(r); err != nil {
		return err
	}
	v, err := db.Read(r.Context(), p.frame.DB, func(read db.R) (v closeView, err error) {
		_, position, err := positionOf(r, read)
		if err != nil {
			return v, err
		}
		v.Name = position.Name
		v.Holders, err = access.CountHolders(r.Context(), read, position.ID)
		return v, err
	})
	if err != nil {
		return err
	}
	v.Form = f.About(v.Name)
	v.Page = p.frame.Page(w, r, "Close "+v.Name)
	v.Page.BackHref = pathOf(r)
	v.Page.Error = f.HasProblems()
	return web.Show(w, r, f.Status(), closePage(v))
}

func (p *Positions) close(w http.ResponseWriter, r *http.Request) error {
	f := closeForm.Read(r)
	if !f.Complete() {
		return p.showClose(w, r, f)
	}
	err := positions.Close(r.Context(), p.frame.DB, web.Actor(r), r.PathValue("position"), positions.Closing{
		Reason: f.Value("why"), Approver: f.Value("approver"), Sure: f.Value("sure") != "", Typed: f.Value("typed"),
	})
	if refused(err) {
		f.Explain(err)
		return p.showClose(w, r, f)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, pathOf(r), "Position closed. Services that its holders are logged in to are being told.")
}

// refused reports whether an operation refused something that the form is to say.
func refused(err error) bool { return errors.Is(err, fault.Invalid) || errors.Is(err, fault.Conflict) }
