package double

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/prometheus/client_golang/prometheus"

	"signpost/internal/national/authn"
	"signpost/internal/national/cis2"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
	"signpost/internal/platform/when"
)

type frontView struct {
	Page     page.Params
	Facts    nhsuk.SummaryListParams
	Clients  []nhsuk.SummaryListParams
	People   nhsuk.TableParams
	Controls nhsuk.TableParams
}

// makeFront makes the page that says what the double knows and how it is run.
func (d *Double) makeFront() *web.Site {
	frame := page.Params{SiteName: "CIS2 double", SiteHref: "/", Title: "A stand-in for CIS2"}
	s := web.New(web.Options{Name: "double", Log: d.o.Log, Metrics: web.NewMetrics(prometheus.NewRegistry()),
		ErrorPage: func(_ *http.Request, f web.Failure) templ.Component {
			p := frame
			p.Title = f.Title
			return page.Failed(p, f.Message, f.Cure, page.Link{}, page.Help{}, f.Reference)
		}})
	s.Handle("GET /{$}", web.Anyone, func(w http.ResponseWriter, r *http.Request) error {
		v, err := d.frontView(r, frame)
		if err != nil {
			return err
		}
		return web.Show(w, r, http.StatusOK, frontPage(v))
	})
	return s
}

func (d *Double) frontView(r *http.Request, frame page.Params) (frontView, error) {
	state, err := d.state(r.Context())
	if err != nil {
		return frontView{}, err
	}
	people, err := d.peopleNow(r.Context())
	if err != nil {
		return frontView{}, err
	}
	v := frontView{Page: frame, Facts: facts(state), People: tableOf(people), Controls: controlTable()}
	v.Page.Wide = true
	for _, c := range d.o.File.Clients {
		v.Clients = append(v.Clients, nhsuk.SummaryListParams{
			Card: nhsuk.CardParams{Heading: nhsuk.HeadingParams{Text: c.Name, Level: 3}},
			Rows: filled(
				nhsuk.SummaryListRow{Key: "Client id", Value: c.ID},
				nhsuk.SummaryListRow{Key: "Proves itself by", Value: c.AuthMethod},
				nhsuk.SummaryListRow{Key: "Redirect URIs", Value: strings.Join(c.RedirectURIs, ", ")},
				nhsuk.SummaryListRow{Key: "Logout tokens go to", Value: c.BackchannelLogoutURI},
				nhsuk.SummaryListRow{Key: "Scopes", Value: strings.Join(c.Scopes, " ")},
			),
		})
	}
	return v, nil
}

func filled(rows ...nhsuk.SummaryListRow) (list []nhsuk.SummaryListRow) {
	for _, row := range rows {
		if row.Value != "" {
			list = append(list, row)
		}
	}
	return list
}

func facts(s stateNow) nhsuk.SummaryListParams {
	var on []string
	for _, f := range s.Faults {
		on = append(on, f.Name)
	}
	return nhsuk.SummaryListParams{Rows: []nhsuk.SummaryListRow{
		{Key: "Issuer", Value: s.Issuer}, {Key: "Discovery", Value: s.Issuer + cis2.DiscoveryPath},
		{Key: "Clock", Value: when.DateTime(s.Now) + " (" + s.Now.Format(time.RFC3339) + "), moved by " + s.Moved},
		{Key: "Signed in at once", Value: orNobody(s.Auto.Person)}, {Key: "Faults switched on", Value: orNone(on)},
	}}
}

func orNobody(person string) string {
	if person == "" {
		return "Nobody: the sign-in pages are shown"
	}
	return person
}

func orNone(list []string) string {
	if len(list) == 0 {
		return "None"
	}
	return strings.Join(list, ", ")
}

func tableOf(people []personNow) nhsuk.TableParams {
	t := nhsuk.TableParams{
		Responsive: true, FirstCellIsHeader: true,
		Head: nhsuk.Cells("Person", "Name", "UUID", "Status", "Identity level", "Authenticators", "Roles"),
	}
	for _, p := range people {
		var with, roles []string
		for _, a := range p.Authenticators {
			with = append(with, authn.Kind(a.Kind).Label()+" (level "+a.Level+")")
		}
		for _, r := range p.Roles {
			roles = append(roles, r.Code+" at "+r.Organisation)
		}
		t.Rows = append(t.Rows, nhsuk.Cells(p.ID, p.Name, p.UUID, p.Status, fmt.Sprint(p.IdentityLevel), orNone(with),
			orNone(roles)))
	}
	return t
}

// controlTable lists what can be posted to the control API, with an example of each.
func controlTable() nhsuk.TableParams {
	t := nhsuk.TableParams{
		Responsive: true, FirstCellIsHeader: true, Head: nhsuk.Cells("Control", "Does", "For example"),
	}
	for _, c := range [][3]string{
		{
			"sign-in", "Signs somebody in and answers where the browser goes",
			`{"url": "…/authorize?…", "person": "ada", "role": "R8000"}`,
		},
		{
			"auto", "Signs somebody in at each request without a page; nobody with {}",
			`{"person": "ada", "authenticator": "security_key", "times": 1}`,
		},
		{"sessions/end", "Ends the sessions of somebody, and tells the clients", `{"person": "ada"}`},
		{"people/suspend", "Suspends somebody", `{"person": "ada"}`},
		{"people/resume", "Lets them sign in again", `{"person": "ada"}`},
		{"positions/end", "Ends a position of somebody", `{"person": "ada", "role": "R8000"}`},
		{"clock", "Moves the clock", `{"advance": "13h"} or {"set": "2026-11-26T09:00:00Z"} or {"real": true}`},
		{
			"faults", "Switches a fault on: " + strings.Join(faultNames, ", "),
			`{"fault": "slow", "endpoint": "token", "ms": 3000, "times": 1}`,
		},
		{"faults/off", "Switches one off, or all with {}", `{"fault": "slow"}`},
		{"keys/rotate", "Lets a new key sign at once; the old one stays in the set", `{}`},
		{"keys/withdraw", "Takes the key that signs out of the set at once", `{}`},
		{"logout-storm", "Sends logout tokens, some of them again", `{"person": "ada", "count": 50, "repeats": 10}`},
	} {
		cells := nhsuk.Cells("", c[1], "")
		cells[0].HTML = address(ControlPath + c[0])
		cells[2].HTML = code(c[2])
		t.Rows = append(t.Rows, cells)
	}
	return t
}
