package connections

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"signpost/internal/careid/console/frame"
	"signpost/internal/careid/provider/client"
	"signpost/internal/careid/provider/naming"
	"signpost/internal/careid/provider/team"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
	"signpost/internal/platform/when"
)

// approvalsPath is the page of the clients that wait for an operator.
const approvalsPath = "/connections/approvals"

// askedOnPage is how many clients that wait are on a page.
const askedOnPage = 50

// What the forms of a client say about approval.
const (
	leadRegister = "A new client is on trial: people of your team can log in to it at once, and nobody else. " +
		"When it works, ask on its page for approval: the operators of this service then let everybody in."
	leadChange = "Most changes take effect immediately. A new name, owner, scope or logout address, and addresses " +
		"at a new host, wait until an operator has approved them; what is approved now stays in force."
)

// approvalOf says how far a client is approved, and what the reader can do about it.
func approvalOf(c client.Client, may permissions) approvalView {
	v := approvalView{OnTrial: c.OnTrial() && !c.Closed, Refused: c.Approval.Refused}
	if c.Waits() {
		v.Rows = differenceRows(c)
	}
	if asked := c.Approval.Asked; !asked.IsZero() {
		v.Asked = "The operators were asked to approve it on " + when.DateTime(asked) + "."
	}
	open := (c.OnTrial() || c.Waits()) && !c.Closed
	v.CanAsk = may.edit && open && v.Asked == ""
	v.CanWithdraw = may.edit && c.Waits() && !c.Closed
	v.CanDecide = may.decide && open && v.Asked != ""
	return v
}

// differenceRows shows the settings that wait beside those in force.
func differenceRows(c client.Client) (rows [][]nhsuk.TableCell) {
	names := labels()
	before := c.Values()
	after := c.Wanted().Values()
	for _, name := range c.Unapproved() {
		rows = append(rows, nhsuk.Cells(names[name], valueText(before[name]), valueText(after[name])))
	}
	return rows
}

// savedText says what became of settings that were saved.
func (c *Connections) savedText(r *http.Request, id string) (string, error) {
	saved, err := db.Read(r.Context(), c.frame.DB, func(read db.R) (client.Client, error) {
		return client.ByID(r.Context(), read, id)
	})
	if saved.Waits() {
		return "Settings saved. Those that need approval wait for an operator. The rest takes effect immediately.", err
	}
	return "Settings saved. They take effect immediately.", err
}

func (c *Connections) askApproval(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("client")
	if err := c.registry.AskApproval(r.Context(), web.Actor(r), id); err != nil {
		return err
	}
	return web.SeeOther(w, r, clientPath(id),
		"The operators are asked to approve the client. You get an email when they have decided.")
}

func (c *Connections) withdrawChange(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("client")
	if err := c.registry.Withdraw(r.Context(), web.Actor(r), id); err != nil {
		return err
	}
	return web.SeeOther(w, r, clientPath(id), "The change is withdrawn. What was approved stays in force.")
}

// askedText says how many clients wait for an operator; empty if none does.
func askedText(ctx context.Context, r db.R) (string, error) {
	_, waiting, err := client.Asked(ctx, r, 0, 1)
	switch {
	case err != nil, waiting == 0:
		return "", err
	case waiting == 1:
		return "1 client waits for approval", nil
	}
	return fmt.Sprintf("%d clients wait for approval", waiting), nil
}

// approvals lists the clients that wait for an operator.
func (c *Connections) approvals(w http.ResponseWriter, r *http.Request) error {
	v, err := db.Read(r.Context(), c.frame.DB, func(read db.R) (v approvalsView, err error) {
		operator, err := team.Has(r.Context(), read, team.Operators, frame.User(r).Identity.UUID)
		if err != nil {
			return v, err
		}
		if !operator {
			return v, fault.NotFound
		}
		list, err := page.Read(r, askedOnPage, func(skip, limit int) ([]client.Client, int, error) {
			return client.Asked(r.Context(), read, skip, limit)
		})
		for _, one := range list.Items {
			v.Rows = append(v.Rows, askedRow(one))
		}
		v.Count = list.Count("client", "clients")
		v.Links = list.Links(approvalsPath, r)
		v.title = list.Titled("Clients that wait for approval")
		return v, err
	})
	if err != nil {
		return err
	}
	v.Page = c.frame.Page(w, r, v.title)
	v.Page.Wide = true
	v.Page.Breadcrumb = breadcrumb()
	return web.Show(w, r, http.StatusOK, approvalsPage(v))
}

func askedRow(c client.Client) []nhsuk.TableCell {
	what := "A new client"
	if !c.OnTrial() {
		what = "A change"
	}
	return []nhsuk.TableCell{
		{HTML: page.Name(c.Wanted().Name), Href: clientPath(c.ID) + "/approval"},
		{Text: c.ID}, {Text: what}, {HTML: page.Name(c.Wanted().Owner)}, {Text: when.DateTime(c.Approval.Asked)},
	}
}

// approval shows an operator what a client's team asks them to approve.
func (c *Connections) approval(w http.ResponseWriter, r *http.Request) error {
	return c.showApproval(w, r, http.StatusOK, refuseForm.New(r))
}

func (c *Connections) showApproval(w http.ResponseWriter, r *http.Request, status int, refusal *form.Rendered) error {
	v, err := db.Read(r.Context(), c.frame.DB, func(read db.R) (decisionView, error) {
		v := decisionView{Refuse: refusal, Approve: approveForm.New(r)}
		err := v.read(r, read, frame.User(r))
		return v, err
	})
	if err != nil {
		return err
	}
	v.Page = c.frame.Page(w, r, "Approve "+v.Name)
	v.Page.Wide = true
	v.Page.Error = refusal.HasProblems()
	v.Page.Breadcrumb = breadcrumb(nhsuk.BreadcrumbItem{Text: "Clients that wait for approval", Href: approvalsPath})
	refusal.About(v.Name)
	return web.Show(w, r, status, decisionPage(v))
}

// read reads what is asked. To people who are not asked, it is not there.
func (v *decisionView) read(r *http.Request, read db.R, current *frame.Current) error {
	one, may, err := readClient(r.Context(), read, current, r.PathValue("client"))
	if err != nil {
		return err
	}
	if !may.decide {
		return fault.NotFound
	}
	if one.Approval.Asked.IsZero() {
		return errNothingAsked
	}
	t, err := team.ByID(r.Context(), read, one.Team)
	if err != nil {
		return err
	}
	members, total, err := team.Members(r.Context(), read, one.Team, 0, membersOnPage)
	for _, m := range members {
		v.Members = append(v.Members, m.Name+", Care Identity "+m.UUID)
	}
	if others := total - len(members); others > 0 {
		v.Members = append(v.Members, fmt.Sprintf("and %d others, who joined later", others))
	}
	version := strconv.FormatInt(one.Version, 10)
	v.Name = one.Wanted().Name
	v.ID = one.ID
	v.Path = clientPath(one.ID)
	v.Team = t.Name
	v.Ours = oursText(v.Name, one.Wanted().Owner, t.Name)
	v.Asked = when.DateTime(one.Approval.Asked)
	v.New = one.OnTrial()
	v.Rows = differenceRows(one)
	v.Sections = sectionViews(one.Wanted().Values())
	v.Approve.Set("version", version)
	v.Refuse.Set("version", version)
	return err
}

// oursText warns of a name of this system in that of a client, its owner or its team; empty if there is none.
func oursText(names ...string) string {
	for _, text := range names {
		if ours := naming.OursIn(text); ours != "" {
			return "People could take it for a part of this system: “" + text + "” has the name “" + ours + "” in it."
		}
	}
	return ""
}

var errNothingAsked = fault.SayCure(fault.Conflict, "Nothing of this client waits for you to approve it.",
	"Another operator may have decided, or its team may have withdrawn it.")

func (c *Connections) approve(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("client")
	version, err := strconv.ParseInt(approveForm.Read(r).Value("version"), 10, 64)
	if err != nil {
		return fault.Invalid
	}
	err = c.registry.Approve(r.Context(), web.Actor(r), id, version)
	var problems client.Problems
	if errors.As(err, &problems) {
		return fault.SayCure(fault.Conflict, problems[0].Message+".", "Do not approve it, and say so to its team.")
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, clientPath(id),
		"Approved. Everybody can log in to the client, and its team is told by email.")
}

func (c *Connections) refuse(w http.ResponseWriter, r *http.Request) error {
	typed := refuseForm.Read(r)
	id := r.PathValue("client")
	version, err := strconv.ParseInt(typed.Value("version"), 10, 64)
	if err != nil {
		return fault.Invalid
	}
	err = c.registry.Refuse(r.Context(), web.Actor(r), id, version, typed.Value("reason"))
	if typed.Refuse(err) {
		return c.showApproval(w, r, http.StatusUnprocessableEntity, typed)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, approvalsPath, "Not approved. The team is told why by email.")
}
