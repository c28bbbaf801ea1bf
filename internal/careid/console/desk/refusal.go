package desk

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/console/frame"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/provider/client"
	"signpost/internal/careid/registration"
	"signpost/internal/national/authn"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/portal"
	"signpost/internal/platform/reference"
	"signpost/internal/platform/tries"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
	"signpost/internal/platform/when"
)

// refusal describes the event of a refusal in words.
type refusal struct{ time, text, tell, service, authenticator, uuid string }

// refusalData is the data of such an event.
type refusalData struct {
	Client        string      `json:"client"`
	Authenticator string      `json:"authenticator"`
	Kind          authn.Kind  `json:"kind"`
	Level         authn.Level `json:"level"`
	Browser       string      `json:"browser said"`
}

// refusalsOf describes the events of refusals. What they are about is read together.
func refusalsOf(ctx context.Context, r db.R, events []audit.Entry) (rows []refusal, err error) {
	var list []refusalData
	var authenticatorIDs, clientIDs []string
	for _, e := range events {
		data, err := dataOf(e)
		if err != nil {
			return nil, err
		}
		list = append(list, data)
		authenticatorIDs = append(authenticatorIDs, data.Authenticator)
		clientIDs = append(clientIDs, data.Client)
	}
	authenticators, err := authenticator.ByIDs(ctx, r, authenticatorIDs)
	if err != nil {
		return nil, err
	}
	clients, err := client.ByIDs(ctx, r, clientIDs)
	if err != nil {
		return nil, err
	}
	for i, e := range events {
		row := refusalOf(e, list[i])
		row.service = cmp.Or(clients[list[i].Client].Name, row.service)
		if a, known := authenticators[list[i].Authenticator]; known {
			row.authenticator = a.Kind.Label() + ", " + a.Level.String()
			row.uuid = a.UUID
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// dataOf reads the data of a refusal's event. A wrong try may have been at an unknown address, and is then of an
// authenticator that there is not.
func dataOf(e audit.Entry) (data refusalData, err error) {
	var other *json.UnmarshalTypeError // something else than a sign-in was refused, and the event has other data
	if err := json.Unmarshal(e.After, &data); err != nil && !errors.As(err, &other) {
		return data, err
	}
	if e.Kind == authenticator.WrongTry {
		data.Authenticator = e.Subject.ID
	}
	return data, nil
}

func refusalOf(e audit.Entry, data refusalData) refusal {
	words := adviceOn(e)
	row := refusal{
		time: when.DateTime(e.At), text: words.what + tries.MoreIn(e).Text(), tell: words.tell,
		service: "Not known", authenticator: "Not known",
	}
	if data.Browser != "" {
		row.text += " (" + data.Browser + ")"
	}
	if e.Subject.Kind == identity.Ref("").Kind {
		row.uuid = e.Subject.ID
	}
	if data.Kind.Valid() {
		row.authenticator = data.Kind.Label()
	}
	return row
}

const textNoEvent = "No refusal has this reference. Check it with the caller: it never has a vowel, and 2 to 9 are " +
	"its only digits"

// quoted reads the refusals that have a reference, which somebody typed as they heard it. Whoever they name was read.
func (d *Desk) quoted(r *http.Request, quoted string) (refusalView, error) {
	v, err := db.Read(r.Context(), d.frame.DB, func(read db.R) (refusalView, error) {
		v := refusalView{Reference: quoted}
		return v, v.read(r.Context(), read)
	})
	if err != nil {
		return v, err
	}
	for _, uuid := range v.people {
		if err := registration.NoteReading(r.Context(), d.frame.DB, web.Actor(r), uuid); err != nil {
			return v, err
		}
	}
	return v, nil
}

// told reads what a reference says by itself, where no event has it.
func (d *Desk) told(r *http.Request, quoted string) (refusalView, error) {
	return db.Read(r.Context(), d.frame.DB, func(read db.R) (refusalView, error) {
		v := refusalView{Reference: quoted}
		if rows := portal.ToldRows(d.frame.Box, quoted, read.Now()); rows != nil {
			v.List = append(v.List, rows)
		}
		return v, nil
	})
}

func (d *Desk) showRefusals(w http.ResponseWriter, r *http.Request, v refusalView, err error) error {
	if err != nil {
		return err
	}
	v.Page = d.frame.Page(w, r, "What happened")
	v.Page.Breadcrumb = breadcrumb()
	return web.Show(w, r, http.StatusOK, refusalPage(v))
}

// refusals leads addresses of before to the one box.
func (d *Desk) refusals(w http.ResponseWriter, r *http.Request) error {
	f := findForm.New(r)
	quoted := reference.Read(r.URL.Query().Get("reference"))
	v, err := d.quoted(r, quoted)
	if err == nil && len(v.List) == 0 {
		return d.showNoEvent(w, r, f, quoted)
	}
	return d.showRefusals(w, r, v, err)
}

// read lists the refusals that have the view's reference.
func (v *refusalView) read(ctx context.Context, r db.R) error {
	list, err := audit.Refusals(ctx, r, v.Reference)
	if err != nil {
		return err
	}
	rows, err := refusalsOf(ctx, r, list)
	if err != nil {
		return err
	}
	var uuids []string
	for _, row := range rows {
		uuids = append(uuids, row.uuid)
	}
	people, err := identity.ByUUIDs(ctx, r, uuids)
	if err != nil {
		return err
	}
	for i, row := range rows {
		v.List = append(v.List, []nhsuk.SummaryListRow{
			{Key: "What happened", Value: row.text},
			{Key: "Tell the caller", Value: row.tell},
			{Key: "When", Value: row.time},
			{Key: "Service", Value: row.service},
			{Key: "With", Value: row.authenticator},
			{Key: "From", Value: list[i].From()},
			personRow(people[row.uuid]),
		})
		if people[row.uuid].UUID != "" {
			v.people = append(v.people, row.uuid)
		}
	}
	return nil
}

// personRow names the person who was refused, if they had proved who they are.
func personRow(i identity.Identity) nhsuk.SummaryListRow {
	if i.UUID == "" {
		return nhsuk.SummaryListRow{Key: "Who", Value: "Not known: nobody had been identified yet"}
	}
	see := nhsuk.ActionParams{
		Text: "See sessions", VisuallyHiddenText: "of " + i.DisplayName(), Href: personPath(i.UUID),
	}
	return nhsuk.SummaryListRow{
		Key: "Who", ValueHTML: page.Named(i.DisplayName(), ", "+i.UUID), Actions: []nhsuk.ActionParams{see},
	}
}

func breadcrumb() []nhsuk.BreadcrumbItem {
	return []nhsuk.BreadcrumbItem{{Text: "Home", Href: "/"}, {Text: "Service desk", Href: frame.DeskPath}}
}
