package desk

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/console/frame"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/provider"
	"signpost/internal/careid/provider/client"
	"signpost/internal/national/authn"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
)

// why words the reasons of refusals for the service desk.
var why = map[provider.Reason]string{
	provider.NoAuthenticator: "No way of signing in that the service takes is offered here",
	provider.Inactive:        "The Care Identity is not active",
	provider.LevelTooLow:     "The authenticator's level is too low for the service",
	provider.NotApproved:     "The organisation has not approved this kind of authenticator",
	provider.WrongPerson:     "The service asked for another person",
	provider.Cancelled:       "The person cancelled, or the authenticator did not answer",
	provider.Locked:          "The authenticator is locked",
	provider.Unusable:        "The authenticator is suspended or removed",
	provider.UnknownKey:      "The authenticator is not registered here",
	provider.NoScript:        "JavaScript is switched off or did not load",
	provider.Unsupported:     "The browser cannot use this authenticator",
}

// refusal is an event of one, worded.
type refusal struct{ at, what, service, with, uuid string }

// kept is what events of refusals keep.
type kept struct {
	Client        string      `json:"client"`
	Authenticator string      `json:"authenticator"`
	Kind          authn.Kind  `json:"kind"`
	Level         authn.Level `json:"level"`
	Browser       string      `json:"browser said"`
}

func refusalOf(ctx context.Context, r db.R, e audit.Entry) (refusal, error) {
	what := cmp.Or(why[provider.Reason(e.Reason)], e.Reason, "Refused: "+string(e.Kind))
	row := refusal{at: web.DateTime(e.At), what: what, service: "Not known", with: "Not known"}
	var k kept
	var other *json.UnmarshalTypeError // not a sign-in was refused, and the event keeps something else
	if err := json.Unmarshal(e.After, &k); err != nil && !errors.As(err, &other) {
		return row, err
	}
	if k.Browser != "" {
		row.what += " (" + k.Browser + ")"
	}
	if e.Subject.Kind == "identity" {
		row.uuid = e.Subject.ID
	}
	if e.Kind == authenticator.WrongTry {
		row.what = "A wrong try: " + e.Reason
		k.Authenticator = e.Subject.ID
	}
	if k.Kind.Valid() {
		row.with = k.Kind.Label()
	}
	if err := row.readAuthenticator(ctx, r, k.Authenticator); err != nil {
		return row, err
	}
	return row, row.readClient(ctx, r, k.Client)
}

// readAuthenticator names an authenticator and whose it is. Wrong tries also count for addresses of nobody.
func (row *refusal) readAuthenticator(ctx context.Context, r db.R, id string) error {
	a, err := authenticator.ByID(ctx, r, id)
	if errors.Is(err, fault.NotFound) {
		return nil
	}
	row.with, row.uuid = a.Kind.Label()+", "+a.Level.String(), a.UUID
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

const saysNoEvent = "No refusal has this reference. Check it; if it is right, its page did not refuse a sign-in, " +
	"and the reference stands in the service's log"

// refusals shows what a support reference stands for.
func (d *Desk) refusals(w http.ResponseWriter, r *http.Request) error {
	search := searchView{Find: findForm.New(r), Look: referenceForm.Read(r)}
	if !search.Look.Complete() {
		return d.showSearch(w, r, http.StatusUnprocessableEntity, search)
	}
	reference := strings.ToLower(search.Look.Value("reference"))
	v := refusalView{Reference: reference}
	err := d.frame.DB.View(r.Context(), func(read db.R) error {
		list, err := audit.Refusals(r.Context(), read, reference)
		if err != nil {
			return err
		}
		for _, e := range list {
			row, err := refusalOf(r.Context(), read, e)
			if err != nil {
				return err
			}
			if err := v.add(r.Context(), read, row); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if len(v.List) == 0 {
		search.Look.Set("reference", reference)
		search.Look.Add(form.Problem{Field: "reference", Text: saysNoEvent})
		return d.showSearch(w, r, http.StatusUnprocessableEntity, search)
	}
	v.Page = d.frame.Page(w, r, "What happened")
	v.Page.Breadcrumb = way()
	return web.Show(w, r, http.StatusOK, refusalPage(v))
}

func (v *refusalView) add(ctx context.Context, r db.R, row refusal) error {
	rows := []nhsuk.SummaryListRow{{Key: "What happened", Value: row.what}, {Key: "When", Value: row.at}, {Key: "Service", Value: row.service}, {Key: "With", Value: row.with}}
	i, err := identity.ByUUID(ctx, r, row.uuid)
	if err == nil {
		rows = append(rows, nhsuk.SummaryListRow{Key: "Who", Value: i.DisplayName() + ", " + i.UUID,
			Actions: []nhsuk.ActionParams{{Text: "See sign-ins", VisuallyHiddenText: "of " + i.DisplayName(), Href: personPath(i.UUID)}}})
	}
	if errors.Is(err, fault.NotFound) {
		rows, err = append(rows, nhsuk.SummaryListRow{Key: "Who", Value: "Nobody had proved who they are"}), nil
	}
	v.List = append(v.List, rows)
	return err
}

func way() []nhsuk.BreadcrumbItem {
	return []nhsuk.BreadcrumbItem{{Text: "Home", Href: "/"}, {Text: "Service desk", Href: frame.DeskPath}}
}
