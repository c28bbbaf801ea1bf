package positions

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"signpost/internal/careid/access"
	"signpost/internal/careid/access/reference"
	"signpost/internal/careid/console/frame"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/provider/claim"
	"signpost/internal/careid/registration/officer"
	"signpost/internal/careid/registration/permission"
	"signpost/internal/careid/registration/positions"
	"signpost/internal/national/rbac"
	"signpost/internal/platform/db"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/when"
)

// maxHolders is how many role profiles of those who have a position are shown on a page.
const maxHolders = 100

// one shows a position.
func (p *Positions) one(w http.ResponseWriter, r *http.Request) error {
	return p.showOne(w, r, assignableForm.New(r))
}

func (p *Positions) showOne(w http.ResponseWriter, r *http.Request, f *form.Rendered) error {
	v, err := db.Costly(r.Context(), p.frame.DB, func(read db.R) (oneView, error) { return readOne(r, read, f) })
	if err != nil {
		return err
	}
	v.Form = f.About(v.Name)
	v.MayDesign = mayDesign(r) && v.Open
	v.Href = pathOf(r)
	v.Page = p.frame.Page(w, r, v.Name+": "+v.At)
	v.Page.BackHref = listOf(r.PathValue("code"))
	v.Page.Error = f.HasProblems()
	return web.Show(w, r, f.Status(), positionPage(v))
}

func readOne(r *http.Request, read db.R, f *form.Rendered) (v oneView, err error) {
	ctx := r.Context()
	o, position, err := positionOf(r, read)
	if err != nil {
		return v, err
	}
	v.At = o.Text()
	v.Name = position.Name
	v.Open = !position.Over(read.Now())
	holders, err := access.CountHolders(ctx, read, position.ID)
	if err != nil {
		return v, err
	}
	behind, err := access.CountBehind(ctx, read, position)
	if err != nil {
		return v, err
	}
	v.About = aboutRows(position, o.Text(), holders, behind)
	law, err := officer.LawFor(ctx, read, position)
	if err != nil {
		return v, err
	}
	if v.Tells, err = tellsOf(ctx, read, law.Hierarchy, position.RoleProfiles()); err != nil {
		return v, err
	}
	if v.Holders, v.MoreHref, err = holdersOf(r, read, position); err != nil {
		return v, err
	}
	if v.History, err = historyOf(ctx, read, position); err != nil {
		return v, err
	}
	v.Sponsors = law.Makes(position, permission.Sponsor)
	if v.Sponsors {
		err = v.readAssignable(ctx, read, position, f)
	}
	return v, err
}

func aboutRows(p access.Position, at string, holders, behind int64) []nhsuk.SummaryListRow {
	state := nhsuk.TagParams{Text: "Open", Colour: nhsuk.TagGood}
	if !p.Closed.IsZero() {
		state = nhsuk.TagParams{Text: "Closed on " + when.Date(p.Closed), Colour: nhsuk.TagStopped}
	}
	rows := []nhsuk.SummaryListRow{
		{Key: "Organisation", Value: at},
		{Key: "State", ValueHTML: nhsuk.Tag(state)},
		{Key: "People who have it", Value: people(holders)},
	}
	if behind > 0 {
		rows = append(rows, nhsuk.SummaryListRow{Key: "In progress", Value: "The last change has not come yet to " +
			people(behind) + ". Load the page again in a minute."})
	}
	if p.Notes != "" {
		rows = append(rows, nhsuk.SummaryListRow{Key: "Notes", Value: p.Notes})
	}
	return rows
}

func people(n int64) string {
	if n == 1 {
		return "1 person"
	}
	return fmt.Sprintf("%d people", n)
}

// tellsOf says what services are told of each role profile, and what it may do in effect.
func tellsOf(ctx context.Context, r db.R, h rbac.Hierarchy, list []access.RoleProfile) (tells []tell, err error) {
	var codes []string
	for _, p := range list {
		codes = append(codes, h.Rights(p.RoleCode, p.ActivityCodes)...)
	}
	names, err := reference.ActivitiesBy(ctx, r, codes)
	for _, p := range list {
		role := claim.NationalRole(p)
		t := tell{Title: rbac.JobName(p.RoleName), Rows: []nhsuk.SummaryListRow{
			{Key: "org_code", Value: role.OrgCode},
			{Key: "role_name", Value: role.RoleName},
			{Key: "role_code", Value: role.RoleCode},
		}}
		if role.PersonRoleID != "" {
			t.Rows = append(t.Rows, nhsuk.SummaryListRow{Key: "person_roleid", Value: role.PersonRoleID},
				nhsuk.SummaryListRow{Key: "person_orgid", Value: role.PersonOrgID})
		}
		for _, row := range []struct {
			name string
			list []string
		}{
			{"activities", role.Activities}, {"activity_codes", role.ActivityCodes},
			{"workgroups", role.Workgroups}, {"workgroups_codes", role.WorkgroupCodes},
			{"aow", role.AreasOfWork}, {"aow_codes", role.AreaCodes},
		} {
			if len(row.list) > 0 {
				t.Rows = append(t.Rows, nhsuk.SummaryListRow{Key: row.name, Value: strings.Join(row.list, "; ")})
			}
		}
		for _, code := range h.Rights(p.RoleCode, p.ActivityCodes) {
			if !slices.Contains(p.ActivityCodes, code) {
				a := names[code]
				a.Code = code
				t.Also = append(t.Also, a.Text())
			}
		}
		tells = append(tells, t)
	}
	return tells, err
}

// holdersOf lists who has a position, behind the number that the address names.
func holdersOf(r *http.Request, read db.R, p access.Position) (rows [][]nhsuk.TableCell, more string, err error) {
	list, err := access.HoldersOf(r.Context(), read, p.ID, r.URL.Query().Get("after"), maxHolders)
	if err != nil {
		return nil, "", err
	}
	var uuids []string
	roles := 0
	for _, a := range list {
		uuids = append(uuids, a.UUID)
		roles += len(a.Roles)
	}
	found, err := identity.ByUUIDs(r.Context(), read, uuids)
	for _, a := range list {
		ends := "No end"
		if !a.Ends.IsZero() {
			ends = when.LastDay(a.Ends)
		}
		rows = append(rows, []nhsuk.TableCell{
			{HTML: positionLink(frame.PeoplePath+"/person/"+url.PathEscape(a.UUID), found[a.UUID].DisplayName())},
			{Text: a.UUID}, {Text: when.Date(a.Starts)}, {Text: ends},
		})
	}
	if roles == maxHolders {
		more = "?" + url.Values{"after": {uuids[len(uuids)-1]}}.Encode()
	}
	return rows, more, err
}

// maxHistory is how many versions are shown.
const maxHistory = 20

// historyOf says what a position was, the newest version first, with what changed by each.
func historyOf(ctx context.Context, r db.R, p access.Position) (list []versionView, err error) {
	versions, err := access.Versions(ctx, r, p.ID)
	if err != nil {
		return nil, err
	}
	var authors []string
	for _, v := range versions {
		authors = append(authors, v.By)
	}
	names, err := identity.ByUUIDs(ctx, r, authors)
	for i, v := range versions[:min(maxHistory, len(versions))] {
		one := versionView{Title: fmt.Sprintf("Version %d", v.Number), By: "Set up"}
		if author, known := names[v.By]; known {
			one.By = author.DisplayName()
		}
		if !v.At.IsZero() {
			one.By += ", " + when.DateTime(v.At)
		}
		one.Rows = []nhsuk.SummaryListRow{{Key: "By", Value: one.By}}
		if v.How != "" {
			one.Rows = append(one.Rows, nhsuk.SummaryListRow{Key: "How it was approved", Value: v.How},
				nhsuk.SummaryListRow{Key: "Who took part", Value: v.Participants})
		}
		one.Rows = append(one.Rows, nhsuk.SummaryListRow{Key: "Access profiles",
			Value: positions.Text(v.Position.Profiles)})
		if i+1 < len(versions) {
			for _, row := range changesOf(access.Compare(versions[i+1].Position.Profiles, v.Position.Profiles)) {
				one.Rows = append(one.Rows, nhsuk.SummaryListRow{Key: row[0], Value: row[1]})
			}
		}
		list = append(list, one)
	}
	return list, err
}

// readAssignable offers which positions those who have this one may give.
func (v *oneView) readAssignable(ctx context.Context, r db.R, p access.Position, f *form.Rendered) error {
	list, err := access.PositionsAt(ctx, r, p.Organisation)
	if err != nil {
		return err
	}
	law, err := officer.LawFor(ctx, r, list...)
	if err != nil {
		return err
	}
	assignable, err := access.Assignable(ctx, r, p.ID)
	if err != nil {
		return err
	}
	var items []nhsuk.RadioItem
	for _, one := range list {
		if slices.Contains(assignable, one.ID) {
			v.Assignable = append(v.Assignable, one.Name)
		}
		if positions.MayBeAssignable(law, one) && !one.Over(r.Now()) {
			items = append(items, nhsuk.RadioItem{Value: one.ID, Text: one.Name})
		}
	}
	v.Offered = len(items) > 0
	f.Offer("assignable", items)
	if !f.HasProblems() {
		f.Set("assignable", assignable...)
	}
	return nil
}

func (p *Positions) setAssignable(w http.ResponseWriter, r *http.Request) error {
	f := assignableForm.Read(r)
	err := positions.SetAssignable(r.Context(), p.frame.DB, web.Actor(r), r.PathValue("position"),
		f.Values("assignable"))
	if f.Refuse(err) {
		return p.showOne(w, r, f)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, pathOf(r), "Saved.")
}
