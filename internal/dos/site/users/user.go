package users

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/a-h/templ"

	"signpost/internal/dos/account"
	"signpost/internal/dos/administration"
	"signpost/internal/dos/directory"
	"signpost/internal/dos/linking"
	"signpost/internal/dos/shared"
	"signpost/internal/dos/site/frame"
	"signpost/internal/dos/wave/exception"
	"signpost/internal/national/path"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/mail"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
	"signpost/internal/platform/when"
)

func (u *Users) show(w http.ResponseWriter, r *http.Request) error {
	return u.user(w, r, http.StatusOK, nil)
}

// user shows the page of an account, with one of its forms as it was filled in; nil for none.
func (u *Users) user(w http.ResponseWriter, r *http.Request, status int, typed *form.Rendered) error {
	v, err := db.Read(r.Context(), u.passwords.DB, func(read db.R) (v userView, err error) {
		if err = v.read(r, read); err != nil {
			return v, err
		}
		a, err := account.ByID(r.Context(), read, r.PathValue("id"))
		if err != nil {
			return v, err
		}
		problem, err := linking.CodeProblem(r.Context(), read, a)
		if err != nil {
			return v, err
		}
		v.CanRelink = v.CanRelink && problem == nil // a code that would open nothing is not offered
		if v.CanRelink {
			if err := v.readRelink(r.Context(), read, a); err != nil {
				return v, err
			}
		}
		if v.Works, err = explained(r, read, a); err != nil {
			return v, err
		}
		v.caller, err = callerOf(r, read, a)
		return v, err
	})
	if err != nil {
		return err
	}
	v.Problem = u.problem(r, v.caller)
	v.forms(r, typed)
	v.Page = u.frame.Page(w, r, v.title)
	if v.Typed.HasProblems() && v.gone() {
		return web.SeeOther(w, r, accountPath(r.PathValue("id")), "Nothing changed. The account is now like this.")
	}
	v.Code = takeCode(w, r)
	v.Page.BackHref = path.UsersPage
	v.Page.Error = v.Typed.HasProblems()
	return web.Show(w, r, status, userPage(v))
}

// forms gives the page its forms. The one that was filled in stays as it was; its problems head the page.
func (v *userView) forms(r *http.Request, typed *form.Rendered) {
	of := func(f form.Form) *form.Rendered {
		rendered := f.New(r)
		if typed != nil && typed.Path == f.Path {
			rendered = typed
		}
		if rendered.HasProblems() {
			v.Typed = rendered
		}
		return rendered.About(v.Name)
	}
	v.Unlink = of(unlinkForm)
	v.Relink = of(relinkForm)
	v.Deactivate = of(deactivateForm)
	v.Reactivate = of(reactivateForm)
	v.Problem.Step = of(stepForm)
	v.Problem.End = of(endForm)
	v.Problem.Unlock = of(unlockForm)
	if v.Typed == nil {
		v.Typed = v.Unlink
	}
}

// gone reports whether what was to be done by the form that was filled in cannot be done any more.
func (v *userView) gone() bool {
	switch v.Typed.Path {
	case unlinkForm.Path:
		return !v.CanUndo
	case deactivateForm.Path:
		return !v.CanDeactivate
	case reactivateForm.Path:
		return !v.CanReactivate
	}
	return false
}

// bounceText says that email to an address does not arrive.
func bounceText(b mail.Bounce) string {
	return "Does not arrive since " + when.Date(b.Since) + ": the mail server of the address says " + b.Status
}

func linkText(r *http.Request, read db.R, id string) (string, error) {
	link, err := account.LinkOf(r.Context(), read, id)
	if errors.Is(err, fault.NotFound) {
		return "Not linked", nil
	}
	return "Linked " + when.Date(link.Linked), err
}

func (v *userView) read(r *http.Request, read db.R) error {
	a, err := account.ByID(r.Context(), read, r.PathValue("id"))
	if err != nil {
		return err
	}
	if !seen(r).Covers(a) {
		return account.ErrOutside
	}
	linked, err := linkText(r, read, a.ID)
	if err != nil {
		return err
	}
	v.Username = a.Username
	v.Name = a.Name() + " (" + a.Username + ")"
	if err := v.readRefusals(r, read, a.ID); err != nil {
		return err
	}
	organisation, err := directory.OrganisationText(r.Context(), read, a.Organisation)
	if err != nil {
		return err
	}
	region, err := directory.RegionText(r.Context(), read, a.Region)
	if err != nil {
		return err
	}
	may := frame.Reach(r, account.ManageUsers).Covers(a)
	isLinked := linked != "Not linked"
	individual := a.Active && a.Kind == account.Individual && a.ID != frame.User(r).Account.ID
	if v.GivesAll, err = administration.GivesAll(r.Context(), read, frame.User(r).Account, frame.User(r).Grants,
		a); err != nil {
		return err
	}
	v.CanRelink = may && !isLinked && individual && v.GivesAll
	if may && !isLinked && individual {
		v.Exception = accountPath(a.ID) + "/exception"
		v.Asked, err = exception.Waiting(r.Context(), read, a.ID)
		if err != nil && !errors.Is(err, fault.NotFound) {
			return err
		}
	}
	if v.CanRelink {
		own, err := account.OnePerson(r.Context(), read, frame.User(r).Account.ID, a.ID)
		if err != nil {
			return err
		}
		v.CanRelink = !own
	}
	last, err := account.LastLogin(r.Context(), read, a.ID)
	if err != nil {
		return err
	}
	bounce, err := mail.BounceOf(r.Context(), read, a.Email)
	if err != nil {
		return err
	}
	v.Rows = []nhsuk.SummaryListRow{
		{Key: "Name", ValueHTML: page.Name(a.Name())}, {Key: "Email", ValueHTML: page.Contact(a.Email)},
	}
	if !bounce.Since.IsZero() {
		v.Rows = append(v.Rows, nhsuk.SummaryListRow{Key: "Email that we send", Value: bounceText(bounce)})
	}
	v.Rows = append(v.Rows, []nhsuk.SummaryListRow{
		{Key: "Telephone", ValueHTML: page.Contact(cmp.Or(a.Phone, "Not known"))},
		{Key: "Last login", Value: lastLoginText(last)},
		{Key: "Organisation", Value: placeText(organisation, a)}, {Key: "Region", Value: cmp.Or(region, "Not known")},
		{Key: "Kind", Value: kindTexts[a.Listed()]}, {Key: "Care Identity", Value: linked},
	}...)
	if a.Kind == account.Shared && may {
		people := nhsuk.SummaryListRow{Key: "People who use it", ValueHTML: caseLink(shared.CasePath(a.ID))}
		v.Rows = append(v.Rows, people)
	}
	if v.Clashes, err = account.Clashes(r.Context(), read, a.ID); err != nil {
		return err
	}
	v.Give = groupsOfPath(a.ID)
	if v.Records, err = recordsOf(r.Context(), read, a.ID); err != nil {
		return err
	}
	return v.readChanges(r, read, a, isLinked)
}

// readRelink reads until when the holder's relink code works, and from when on they can have another one.
func (v *userView) readRelink(ctx context.Context, read db.R, a account.Account) error {
	if read.Now().Before(a.RelinkUntil) {
		v.RelinkUntil = when.Date(a.RelinkUntil)
	}
	from, err := linking.CodeFrom(ctx, read, a)
	if read.Now().Before(from) {
		v.RelinkFrom = when.TimeOfDay(from)
	}
	return err
}

func groupsOfPath(id string) string { return accountPath(id) + "/groups" }

// readChanges reads what the user can change of an account: its groups, its link, and whether it is active.
func (v *userView) readChanges(r *http.Request, read db.R, a account.Account, isLinked bool) error {
	grants, err := account.GrantsOf(r.Context(), read, a.ID)
	if err != nil {
		return err
	}
	user := frame.User(r)
	reach := user.Reach(account.ManageUsers)
	mayNot := account.MayChange(user.Account.ID, reach, a, grants)
	v.MayChange = mayNot == nil
	v.CanUndo = isLinked && (v.MayChange || user.Account.ID == a.ID)
	if problem, is := fault.From(mayNot); is && user.Grants.Hold(account.ManageUsers) && user.Account.ID != a.ID {
		v.WhyNot = problem.Message + " " + problem.Cure
	}
	if v.Groups, err = groupsOf(r, read, a, grants, v.MayChange); err != nil {
		return err
	}
	v.CanDeactivate = a.Active && v.MayChange
	if v.CanDeactivate && a.Kind == account.Individual {
		v.Merge = accountPath(a.ID) + "/merge"
	}
	if a.Active {
		return nil
	}
	return v.readDeactivation(r.Context(), read, a, user.Account.ID)
}

func (v *userView) readDeactivation(ctx context.Context, read db.R, a account.Account, user string) error {
	d, err := account.DeactivationOf(ctx, read, a.ID)
	if err != nil {
		return err
	}
	v.Deactivated = &d
	v.CanReactivate = v.MayChange && d.By != user && d.MergedInto == ""
	if d.MergedInto != "" {
		into, err := account.ByID(ctx, read, d.MergedInto)
		if err != nil {
			return err
		}
		v.Merged = &page.Link{Text: into.Username, Href: accountPath(into.ID)}
	}
	if !d.At.IsZero() {
		v.Rows = append(v.Rows, nhsuk.SummaryListRow{Key: "Deactivated",
			ValueHTML: page.Lines(when.DateTime(d.At)+" by "+d.Name, d.Reason)})
	}
	return nil
}

// waits says who asks that the password works longer, and since when.
func (v userView) waits() templ.Component {
	return page.Named(v.Asked.Name, fmt.Sprintf(" asked on %s that the password works for %d days more. Nobody has "+
		"decided yet.", when.DateTime(v.Asked.At), v.Asked.Days))
}
