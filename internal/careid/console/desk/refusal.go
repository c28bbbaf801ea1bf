package desk

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/console/frame"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/provider/client"
	"signpost/internal/national/authn"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/reference"
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

func refusalOf(ctx context.Context, r db.R, e audit.Entry) (refusal, error) {
	words := adviceOn(e)
	row := refusal{
		time: when.DateTime(e.At), text: words.what, tell: words.tell, service: "Not known", authenticator: "Not known",
	}
	var data refusalData
	var other *json.UnmarshalTypeError // something else than a sign-in was refused, and the event has other data
	if err := json.Unmarshal(e.After, &data); err != nil && !errors.As(err, &other) {
		return row, err
	}
	if data.Browser != "" {
		row.text += " (" + data.Browser + ")"
	}
	if e.Subject.Kind == "identity" {
		row.uuid = e.Subject.ID
	}
	if e.Kind == authenticator.WrongTry {
		data.Authenticator = e.Subject.ID
	}
	if data.Kind.Valid() {
		row.authenticator = data.Kind.Label()
	}
	if err := row.readAuthenticator(ctx, r, data.Authenticator); err != nil {
		return row, err
	}
	return row, row.readClient(ctx, r, data.Client)
}

// readAuthenticator reads an authenticator and its owner. There is none if a wrong try was at an unknown address.
func (row *refusal) readAuthenticator(ctx context.Context, r db.R, id string) error {
	a, err := authenticator.ByID(ctx, r, id)
	if errors.Is(err, fault.NotFound) {
		return nil
	}
	row.authenticator = a.Kind.Label() + ", " + a.Level.String()
	row.uuid = a.UUID
	return err
}

func (row *refusal) readClient(ctx context.Context, r db.R, id string) error {
	c, err := client.ByID(ctx, r, id)
	if errors.Is(err, fault.NotFound) {
		return nil
	}
	row.service = c.Name
	return err
}

const textNoEvent = "No refusal has this reference. Check it with the caller: it never has a vowel, and 2 to 9 are " +
	"its only digits. If the page was in the Directory of Services, look it up under Users there. If it said that " +
	"there was a problem with the service, the service's log has the reference"

// quoted reads the refusals that have a reference, which somebody typed as they heard it.
func (d *Desk) quoted(r *http.Request, quoted string) (refusalView, error) {
	return db.Read(r.Context(), d.frame.DB, func(read db.R) (refusalView, error) {
		v := refusalView{Reference: quoted}
		return v, v.read(r.Context(), read)
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
		f.Set("find", reference.Show(quoted))
		return d.showProblem(w, r, f, textNoEvent)
	}
	return d.showRefusals(w, r, v, err)
}

// read lists the refusals that have the view's reference.
func (v *refusalView) read(ctx context.Context, r db.R) error {
	list, err := audit.Refusals(ctx, r, v.Reference)
	if err != nil {
		return err
	}
	for _, e := range list {
		row, err := refusalOf(ctx, r, e)
		if err != nil {
			return err
		}
		person, err := personRow(ctx, r, row.uuid)
		if err != nil {
			return err
		}
		v.List = append(v.List, []nhsuk.SummaryListRow{
			{Key: "What happened", Value: row.text},
			{Key: "Tell the caller", Value: row.tell},
			{Key: "When", Value: row.time},
			{Key: "Service", Value: row.service},
			{Key: "With", Value: row.authenticator},
			person,
		})
	}
	return nil
}

// personRow names the person who was refused, if they had proved who they are.
func personRow(ctx context.Context, r db.R, uuid string) (nhsuk.SummaryListRow, error) {
	i, err := identity.ByUUID(ctx, r, uuid)
	if errors.Is(err, fault.NotFound) {
		return nhsuk.SummaryListRow{Key: "Who", Value: "Not known: nobody had been identified yet"}, nil
	}
	see := nhsuk.ActionParams{
		Text: "See sessions", VisuallyHiddenText: "of " + i.DisplayName(), Href: personPath(i.UUID),
	}
	return nhsuk.SummaryListRow{
		Key: "Who", ValueHTML: page.Named(i.DisplayName(), ", "+i.UUID), Actions: []nhsuk.ActionParams{see},
	}, err
}

func breadcrumb() []nhsuk.BreadcrumbItem {
	return []nhsuk.BreadcrumbItem{{Text: "Home", Href: "/"}, {Text: "Service desk", Href: frame.DeskPath}}
}
