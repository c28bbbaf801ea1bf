// Package approvals serves the pages on which registration authority managers decide which kinds and models of
// authenticator an organisation approves, after they have seen whom that would touch.
package approvals

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"signpost/internal/careid/console/frame"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/metadata"
	"signpost/internal/careid/organisation"
	"signpost/internal/careid/registration"
	"signpost/internal/national/authn"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/when"
)

// Approvals serves the pages.
type Approvals struct{ frame *frame.Frame }

// Mount adds the pages to the site.
func Mount(s *web.Site, f *frame.Frame) {
	a := &Approvals{frame: f}
	staff := f.Authority()
	s.Handle("GET "+pagePath, staff, a.show)
	s.Handle("GET "+chooseForm.Path, staff, a.look)
	f.HandleForm(s, setForm, staff, f.Freshly(setForm, a.set))
}

var (
	errOnlyManagers = fault.SayCure(fault.Forbidden,
		"Only a registration authority manager may decide which authenticators are approved.",
		"Ask a registration authority manager of your organisation.")
)

// show shows what is approved, and asks a manager what is to be.
func (a *Approvals) show(w http.ResponseWriter, r *http.Request) error {
	return a.showPage(w, r, chooseForm.New(r), 0)
}

// maxDecisions is how many of the newest decisions are shown.
const maxDecisions = 20

// showPage shows the page with the policy in force filled in, unless something else was.
func (a *Approvals) showPage(w http.ResponseWriter, r *http.Request, f *form.Rendered, status int) error {
	v, err := db.Costly(r.Context(), a.frame.DB, func(read db.R) (policyView, error) {
		return readPolicy(r, read, f)
	})
	if err != nil {
		return err
	}
	v.Form = f.About(v.At)
	v.Manager = frame.User(r).Authority.Manager
	v.Page = a.frame.Page(w, r, "Approved authenticators: "+v.At)
	v.Page.BackHref = frame.PeoplePath + "?" + url.Values{"at": {r.PathValue("code")}}.Encode()
	v.Page.Error = f.HasProblems()
	return web.Show(w, r, max(status, http.StatusOK), policyPage(v))
}

func readPolicy(r *http.Request, read db.R, f *form.Rendered) (v policyView, err error) {
	o, err := frame.OrganisationOf(r, read)
	if err != nil {
		return v, err
	}
	v.At = o.Text()
	decisions, err := organisation.Decisions(r.Context(), read, o.Code, maxDecisions)
	if err != nil {
		return v, err
	}
	now := organisation.Decision{}
	if len(decisions) > 0 {
		now = decisions[0]
	}
	inUse, err := registration.ModelsAt(r.Context(), read, o.Code)
	if err != nil {
		return v, err
	}
	names, err := modelNames(r.Context(), read, decisions, inUse, f.Values("model"))
	if err != nil {
		return v, err
	}
	v.Now, err = describe(r.Context(), read, decisions, names)
	if err != nil {
		return v, err
	}
	if again := decisionNumbered(decisions, r.URL.Query().Get("as")); again.Number > 0 && !f.HasProblems() {
		v.Again = again.Number
		fill(f, again.Policy)
	} else if !f.HasProblems() {
		fill(f, now.Policy)
	}
	f.Set("before", strconv.Itoa(now.Number))
	v.Known, err = knownText(r.Context(), read)
	if err != nil {
		return v, err
	}
	v.Models = modelItems(names, inUse, f.Values("model"))
	f.Offer("model", v.Models)
	return v, nil
}

// knownText says how old what is known of models is.
func knownText(ctx context.Context, r db.R) (string, error) {
	issue, err := metadata.Current(ctx, r)
	switch {
	case errors.Is(err, fault.NotFound):
		return "Nothing that the FIDO Alliance publishes about models was imported here, so that no security key and " +
			"no Windows Hello is AAL3. Ask those who run the system.", nil
	case err != nil:
		return "", err
	case issue.Overdue(r.Now()):
		return fmt.Sprintf("What is known of models is old: issue %d of the FIDO metadata, imported on %s. The next "+
			"was due on %s. Ask those who run the system.", issue.Number, when.Date(issue.Imported),
			when.Date(issue.NextUpdate)), nil
	}
	return fmt.Sprintf("What is known of models: issue %d of the FIDO metadata, imported on %s.", issue.Number,
		when.Date(issue.Imported)), nil
}

// decisionNumbered gives the decision with a number, as it was typed; the zero Decision where there is none.
func decisionNumbered(list []organisation.Decision, typed string) organisation.Decision {
	for _, d := range list {
		if strconv.Itoa(d.Number) == typed {
			return d
		}
	}
	return organisation.Decision{}
}

// modelNames names the models that decisions list, that are in use and that were chosen. One without a name is its
// AAGUID.
func modelNames(
	ctx context.Context, r db.R, decisions []organisation.Decision, inUse map[string]int, picked []string,
) (map[string]string, error) {
	all := slices.Concat(slices.Collect(maps.Keys(inUse)), picked)
	for _, d := range decisions {
		all = append(all, d.Models...)
	}
	known, err := metadata.Names(ctx, r, all)
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	for _, aaguid := range all {
		names[aaguid] = aaguid
		if name := known[aaguid]; name != "" {
			names[aaguid] = name
		}
	}
	return names, nil
}

// modelItems offers the models that are in use and those that are chosen, by their names.
func modelItems(names map[string]string, inUse map[string]int, picked []string) (items []nhsuk.RadioItem) {
	all := slices.Concat(slices.Collect(maps.Keys(inUse)), picked)
	slices.SortFunc(all, func(a, b string) int { return compareNames(names, a, b) })
	for _, aaguid := range slices.Compact(all) {
		hint := aaguid + ", " + authenticators(inUse[aaguid]) + " here"
		items = append(items, nhsuk.RadioItem{Value: aaguid, Text: names[aaguid], Hint: hint})
	}
	return items
}

func authenticators(n int) string {
	switch n {
	case 0:
		return "no authenticators"
	case 1:
		return "1 authenticator"
	}
	return fmt.Sprintf("%d authenticators", n)
}

// describe words decisions, the newest first.
func describe(
	ctx context.Context, r db.R, list []organisation.Decision, names map[string]string,
) (rows []decisionView, err error) {
	var authors []string
	for _, d := range list {
		authors = append(authors, d.By)
	}
	people, err := identity.ByUUIDs(ctx, r, authors)
	if err != nil {
		return nil, err
	}
	for _, d := range list {
		one := decisionView{Decision: d, Kinds: kindsText(d.Kinds), Models: modelsText(d.Policy, names), By: "Set up"}
		if author, known := people[d.By]; known {
			one.By = author.DisplayName()
		}
		if !d.At.IsZero() {
			one.Since = when.DateTime(d.At)
		}
		rows = append(rows, one)
	}
	return rows, nil
}

// look shows whom a policy would touch, and asks whether it is to be.
func (a *Approvals) look(w http.ResponseWriter, r *http.Request) error {
	asked := setForm.New(r)
	switch {
	case web.CameBack(r):
		return a.lookAt(w, r, asked, asked)
	case r.URL.RawQuery == "" && !r.URL.ForceQuery: // somebody typed the address
		return web.SeeOther(w, r, frame.ApprovalsPath(r.PathValue("code")), "")
	}
	chosen := chooseForm.Read(r)
	if !chosen.Complete() {
		return a.showPage(w, r, chosen, http.StatusUnprocessableEntity)
	}
	return a.lookAt(w, r, chosen, asked)
}

func (a *Approvals) lookAt(w http.ResponseWriter, r *http.Request, chosen, asked *form.Rendered) error {
	if !frame.User(r).Authority.Manager {
		return errOnlyManagers
	}
	policy, err := registration.CheckPolicy(policyIn(chosen))
	if err != nil && !chosen.Get { // no page of ours sends that
		at := frame.ApprovalsPath(r.PathValue("code"))
		return web.SeeOther(w, r, at, "Nothing was saved. Choose again what is approved.")
	}
	if chosen.Refuse(err) {
		return a.showPage(w, r, chosen, http.StatusUnprocessableEntity)
	}
	if err != nil {
		return err
	}
	v, err := db.Costly(r.Context(), a.frame.DB, func(read db.R) (effectView, error) {
		return readEffect(r, read, policy)
	})
	if err != nil {
		return err
	}
	for _, name := range []string{"kinds", "rule", "model", "models", "before"} {
		asked.Set(name, chosen.Values(name)...)
	}
	if v.effect.Stranded > 0 {
		asked.Offer("stranded", []nhsuk.RadioItem{{Value: "yes", Text: v.strandedText()}})
	}
	v.Form = asked.About(v.At)
	v.Page = a.frame.Page(w, r, "What would change: "+v.At)
	v.Page.BackHref = frame.ApprovalsPath(r.PathValue("code"))
	v.Page.Error = asked.HasProblems()
	return web.Show(w, r, asked.Status(), effectPage(v))
}

// maxLosing is how many of the people are shown who would lose an authenticator.
const maxLosing = 200

func readEffect(r *http.Request, read db.R, p organisation.Policy) (v effectView, err error) {
	o, err := frame.OrganisationOf(r, read)
	if err != nil {
		return v, err
	}
	v.At = o.Text()
	names, err := modelNames(r.Context(), read, nil, nil, p.Models)
	if err != nil {
		return v, err
	}
	v.Kinds = kindsText(p.Kinds)
	v.Models = modelsText(p, names)
	v.effect, err = registration.EffectOf(r.Context(), read, o.Code, p)
	if err != nil {
		return v, err
	}
	v.Rows, err = losingRows(r.Context(), read, v.effect.Losing[:min(maxLosing, len(v.effect.Losing))])
	return v, err
}

func losingRows(ctx context.Context, r db.R, list []registration.Losing) (rows [][]nhsuk.TableCell, err error) {
	var models []string
	for _, one := range list {
		for _, lost := range one.Lost {
			models = append(models, lost.Model.AAGUID)
		}
	}
	names, err := metadata.Names(ctx, r, models)
	if err != nil {
		return nil, err
	}
	for _, one := range list {
		var lost []string
		for _, a := range one.Lost {
			lost = append(lost, withModel(a.Kind, names[a.Model.AAGUID]))
		}
		rows = append(rows, losingRow(one, lost))
	}
	return rows, nil
}

func withModel(kind authn.Kind, model string) string {
	if model == "" {
		return kind.Label()
	}
	return kind.Label() + " (" + model + ")"
}

// set sets the policy that was looked at.
func (a *Approvals) set(w http.ResponseWriter, r *http.Request) error {
	f := setForm.Read(r)
	code := r.PathValue("code")
	if !f.Complete() {
		return a.lookAt(w, r, f, f)
	}
	before, _ := strconv.Atoi(f.Value("before")) // what is not a number is no decision's
	err := registration.SetPolicy(r.Context(), a.frame.DB, web.Actor(r), code, registration.PolicyChange{
		Policy: policyIn(f), Before: before, Reason: f.Value("why"), Stranded: f.Value("stranded") == "yes",
	})
	if f.Refuse(err) {
		return a.lookAt(w, r, f, f)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, frame.ApprovalsPath(code),
		"Saved. It applies from the next login, and to authenticators that are added.")
}
