package desk

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/console/frame"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/organisation"
	"signpost/internal/careid/provider"
	"signpost/internal/careid/provider/backchannel"
	"signpost/internal/careid/provider/client"
	"signpost/internal/careid/provider/session"
	"signpost/internal/careid/registration"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/reference"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
	"signpost/internal/platform/when"
)

// How many of the newest notices and refusals are shown.
const (
	maxNotices  = 50
	maxRefusals = 20
)

func (d *Desk) showPerson(
	w http.ResponseWriter, r *http.Request, status int, i identity.Identity, forms personForms,
) error {
	if err := registration.NoteReading(r.Context(), d.frame.DB, web.Actor(r), i.UUID); err != nil {
		return err
	}
	v, err := db.Costly(r.Context(), d.frame.DB, func(read db.R) (personView, error) {
		v := personView{UUID: i.UUID, Name: i.DisplayName(), Form: forms.end, Unlock: forms.unlock}
		err := v.read(r.Context(), read, i, d.sessions)
		return v, err
	})
	if err != nil {
		return err
	}
	forms.end.About(v.Name)
	forms.unlock.About(v.Name)
	v.Page = d.frame.Page(w, r, "Sessions of "+v.Name)
	v.Page.Error = forms.end.HasProblems() || v.Unlock.HasProblems()
	v.Page.Wide = true
	v.Page.Breadcrumb = breadcrumb()
	return web.Show(w, r, status, personPage(v))
}

func (v *personView) read(ctx context.Context, r db.R, i identity.Identity, sessions *session.Sessions) error {
	at, err := organisation.Text(ctx, r, i.Organisation)
	if err != nil {
		return err
	}
	v.About, err = frame.WithBounce(ctx, r, about(i, at), i.Email, "They change or confirm it in their profile.")
	if err != nil {
		return err
	}
	v.Tell = statusTells[i.Status]
	if err := v.readAuthenticators(ctx, r); err != nil {
		return err
	}
	if err := v.readSessions(ctx, r, sessions); err != nil {
		return err
	}
	if err := v.readNotices(ctx, r); err != nil {
		return err
	}
	return v.readRefusals(ctx, r)
}

// about shows whose sessions they are; at is the organisation they belong to.
func about(i identity.Identity, at string) []nhsuk.SummaryListRow {
	return []nhsuk.SummaryListRow{
		{Key: "Care Identity number", Value: i.UUID},
		{Key: "Status", Value: statusTexts[i.Status]},
		{Key: "Email", ValueHTML: page.Contact(cmp.Or(i.Email, "None given"))},
		{Key: "Organisation", Value: at},
	}
}

var statusTexts = map[identity.Status]string{
	identity.Pending:   "Not ready to use",
	identity.Active:    "Active",
	identity.Suspended: "Suspended",
	identity.Closing:   "Being closed",
	identity.Closed:    "Closed",
}

// statusTells say what to tell somebody whose Care Identity opens nothing.
var statusTells = map[identity.Status]string{
	identity.Pending: "Your Care Identity is not ready to use yet, so no service lets you in with it. Ask your " +
		"registration authority what is missing.",
	identity.Suspended: "Your Care Identity is suspended, so no service lets you in with it. Ask your registration " +
		"authority why, and to make it active again. The service desk cannot do that.",
	identity.Closing: "Your Care Identity is being closed, so no service lets you in with it. If that is wrong, tell " +
		"your registration authority.",
	identity.Closed: "Your Care Identity is closed, so no service lets you in with it. If you need one again, ask " +
		"your registration authority.",
}

func (v *personView) readSessions(ctx context.Context, r db.R, sessions *session.Sessions) error {
	live, err := sessions.Of(ctx, r, v.UUID)
	if err != nil {
		return err
	}
	var ids, sids []string
	for _, s := range live {
		ids = append(ids, s.State.Proven.AuthenticatorID)
		sids = append(sids, s.SID)
	}
	authenticators, err := authenticator.ByIDs(ctx, r, ids)
	if err != nil {
		return err
	}
	visited, err := backchannel.Visited(ctx, r, sids)
	if err != nil {
		return err
	}
	var items []nhsuk.RadioItem
	for _, s := range live {
		used := authenticators[s.State.Proven.AuthenticatorID]
		services := names(visited[s.SID])
		begun := when.DateTime(s.Begun)
		v.Live = append(v.Live, nhsuk.Cells(
			begun,
			when.DateTime(s.Used),
			used.Kind.Label()+", "+s.State.Proven.Level.String(),
			cmp.Or(s.State.Browser, "Not known"),
			services,
			when.DateTime(s.Ends),
		))
		items = append(items, nhsuk.RadioItem{Value: s.ID, Text: "Logged in " + begun, Hint: services})
	}
	if len(live) > 1 {
		items = append(items, nhsuk.RadioItem{Divider: "or"}, nhsuk.RadioItem{Value: all, Text: "All of them"})
	}
	v.Form.Offer("session", items)
	return nil
}

func names(clients []client.Client) string {
	var list []string
	for _, c := range clients {
		list = append(list, c.Name)
	}
	return cmp.Or(strings.Join(list, ", "), "None yet")
}

func (v *personView) readNotices(ctx context.Context, r db.R) error {
	list, err := backchannel.About(ctx, r, v.UUID, maxNotices)
	if err != nil {
		return err
	}
	var ids []string
	for _, n := range list {
		ids = append(ids, n.Client)
	}
	clients, err := client.ByIDs(ctx, r, ids)
	if err != nil {
		return err
	}
	for _, n := range list {
		next := "Not tried again"
		if !n.Next.IsZero() {
			next = when.DateTime(n.Next)
		}
		v.addNotice(n, []nhsuk.TableCell{
			{Text: clients[n.Client].Name},
			{HTML: nhsuk.Tag(frame.NoticeState(n))},
			{Text: fmt.Sprint(n.Tries)},
			{Text: frame.NoticeAnswer(n)},
			{Text: next},
		})
	}
	return nil
}

// addNotice adds a row to the table of the sign-in that the notice is about.
func (v *personView) addNotice(n backchannel.Notice, row []nhsuk.TableCell) {
	i := slices.IndexFunc(v.Ended, func(e endedView) bool { return e.SID == n.SID })
	if i < 0 {
		i = len(v.Ended)
		v.Ended = append(v.Ended, endedView{SID: n.SID, Caption: "The session that ended on " + when.DateTime(n.Made)})
	}
	v.Ended[i].Notices = append(v.Ended[i].Notices, row)
}

// readRefusals reads the refusals of the person and of each of their authenticators.
func (v *personView) readRefusals(ctx context.Context, r db.R) error {
	list, err := audit.Of(ctx, r, identity.Ref(v.UUID), maxRefusals, provider.Refused, authenticator.WrongTry)
	if err != nil {
		return err
	}
	authenticators, err := authenticator.OfIdentity(ctx, r, v.UUID)
	if err != nil {
		return err
	}
	var ids []string
	for _, a := range authenticators {
		ids = append(ids, a.ID)
	}
	events, err := audit.OfAll(ctx, r, authenticator.Ref("").Kind, ids, maxRefusals, provider.Refused,
		authenticator.WrongTry)
	if err != nil {
		return err
	}
	list = append(list, events...)
	slices.SortStableFunc(list, func(a, b audit.Entry) int { return b.At.Compare(a.At) })
	list = list[:min(len(list), maxRefusals)]
	rows, err := refusalsOf(ctx, r, list)
	if err != nil {
		return err
	}
	for i, row := range rows {
		e := list[i]
		v.Refusals = append(v.Refusals, []nhsuk.TableCell{
			{HTML: page.Lines(row.time, "Reference "+reference.Show(e.RequestID))},
			{HTML: page.Lines(row.text, "Service: "+row.service, "With: "+row.authenticator, "From: "+e.From())},
			{Text: row.tell},
		})
	}
	return nil
}
