// Package services serves the pages of the directory itself: finding services, and keeping their details correct.
package services

import (
	"context"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"signpost/internal/dos/account"
	"signpost/internal/dos/directory"
	"signpost/internal/dos/site/frame"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
	"signpost/internal/platform/when"
)

// Services serves the pages.
type Services struct {
	frame *frame.Frame
	d     *db.DB
}

// Mount adds the pages to the site.
func Mount(s *web.Site, f *frame.Frame) {
	p := &Services{frame: f, d: f.Passwords.DB}
	in := f.SignedIn()
	s.Handle("GET /services", in, p.find)
	s.Handle("GET /services/{id}", in, p.show)
	s.Handle("GET /services/{id}/history", in, p.history)
	s.Handle("GET /services/{id}/capacity", f.May(account.EditCapacity), p.capacity)
	f.HandleForm(s, capacityForm, f.May(account.EditCapacity), f.SaysEnded(account.EditCapacity, p.saveCapacity))
	f.HandleForm(s, tapForm, f.May(account.EditCapacity), f.SaysEnded(account.EditCapacity, p.tap))
	s.Handle("GET /services/{id}/hours", f.May(account.EditService), p.hours)
	f.HandleForm(s, hoursForm, f.May(account.EditService), f.SaysEnded(account.EditService, p.saveHours))
}

// read reads the service of the request's address, and the time of the reading.
func (p *Services) read(ctx context.Context, id string) (s directory.Service, now time.Time, err error) {
	if !utf8.ValidString(id) || strings.ContainsRune(id, 0) {
		return s, now, fault.NotFound // the database refuses such a text
	}
	type found struct {
		service directory.Service
		now     time.Time
	}
	f, err := db.Read(ctx, p.d, func(r db.R) (found, error) {
		s, err := directory.ByID(ctx, r, id)
		return found{service: s, now: r.Now()}, err
	})
	return f.service, f.now, err
}

// surroundings has the bank holidays, the name of the organisation that runs a service, and what the user may change.
type surroundings struct {
	calendar              directory.Calendar
	organisation          string
	mayCapacity, mayHours bool
}

func (p *Services) surroundings(r *http.Request, s directory.Service) (surroundings, error) {
	ctx := r.Context()
	return db.Read(ctx, p.d, func(read db.R) (around surroundings, err error) {
		if around.calendar, err = directory.ReadCalendar(ctx, read); err != nil {
			return around, err
		}
		if around.organisation, err = directory.OrganisationText(ctx, read, s.ODSCode); err != nil {
			return around, err
		}
		around.mayCapacity, err = directory.Within(ctx, read, frame.Reach(r, account.EditCapacity), s)
		if err != nil {
			return around, err
		}
		around.mayHours, err = directory.Within(ctx, read, frame.Reach(r, account.EditService), s)
		return around, err
	})
}

func (p *Services) show(w http.ResponseWriter, r *http.Request) error {
	s, now, err := p.read(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	around, err := p.surroundings(r, s)
	if err != nil {
		return err
	}
	calendar := around.calendar
	opening := s.Hours.At(calendar, s.AllHours, now)
	v := serviceView{
		Page:        p.frame.Page(w, r, s.Shown()),
		ID:          s.ID,
		Search:      foundBy(r.URL.Query()),
		Name:        s.Shown(),
		OpenTag:     openTag(s, opening),
		Opening:     openingText(s, opening, now),
		CallNote:    callNote(s, opening, now),
		Rows:        rowsOf(s, around.organisation),
		CapacityNow: capacityOf(s, opening, now),
		Week:        weekTable(s, calendar, now),
		HolidayNote: holidayNote(calendar, now),
		NoHours:     !s.AllHours && !s.Hours.Known(),
		NotInUse:    s.Status != directory.Active,
		MayCapacity: around.mayCapacity,
		MayHours:    around.mayHours,
	}
	if !v.MayCapacity && !v.MayHours {
		v.Emergency = p.frame.EmergencyFor(frame.User(r), s.ID)
	}
	if v.CapacityNow.Tag.Text != "" || v.MayCapacity {
		v.Capacity = capacityRows(s.Capacity, now)
	}
	v.Page.BackHref = with("/services", v.Search)
	return web.Show(w, r, http.StatusOK, servicePage(v))
}

func (p *Services) history(w http.ResponseWriter, r *http.Request) error {
	s, _, err := p.read(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	v := historyView{Page: p.frame.Page(w, r, "What was changed"), Name: s.Shown()}
	v.Page.BackHref = with("/services/"+s.ID, r.URL.Query().Get("search"))
	entries, err := db.Read(r.Context(), p.d, func(read db.R) (page.List[directory.HistoryEntry], error) {
		return page.Read(r, changesOnPage, func(skip, limit int) ([]directory.HistoryEntry, int, error) {
			return directory.History(r.Context(), read, s.ID, skip, limit)
		})
	})
	if err != nil {
		return err
	}
	v.Page.Title = entries.Titled(v.Page.Title)
	v.Links = entries.Links("/services/"+s.ID+"/history", r)
	v.Count = entries.Count("change", "changes")
	for _, e := range entries.Items {
		v.Changes = append(v.Changes,
			changeView{Field: e.Field, Before: e.Before, After: e.After, By: e.By, At: when.DateTime(e.At)})
	}
	return web.Show(w, r, http.StatusOK, historyPage(v))
}

// changesOnPage is how many changes of a service are on a page.
const changesOnPage = 20

// rowsOf shows a service and, by name and code, the organisation that runs it.
func rowsOf(s directory.Service, organisation string) []nhsuk.SummaryListRow {
	address := s.Address + ", " + s.Postcode
	if s.Approximate {
		address += " (placed by its postcode district)"
	}
	rows := []nhsuk.SummaryListRow{{Key: "Type", Value: directory.TypeName(s.Type)}, {Key: "Address", Value: address}}
	for _, r := range []nhsuk.SummaryListRow{
		{Key: "Telephone for patients", Value: grouped(s.PublicPhone)},
		{Key: "Telephone for professionals only", Value: grouped(s.ProfessionalPhone)},
		{Key: "Email for professionals only", Value: s.Email}, {Key: "Website", Value: s.Web},
	} {
		if r.Value != "" {
			rows = append(rows, nhsuk.SummaryListRow{Key: r.Key, ValueHTML: page.Contact(r.Value)})
		}
	}
	if organisation != "" {
		rows = append(rows, nhsuk.SummaryListRow{Key: "Organisation", Value: organisation})
	}
	if s.PublicName != "" && s.PublicName != s.Name {
		rows = append(rows, nhsuk.SummaryListRow{Key: "Name in the directory", Value: s.Name})
	}
	if words := statusText(s.Status); words != "" {
		rows = append(rows, nhsuk.SummaryListRow{Key: "Status", Value: words})
	}
	return append(rows, nhsuk.SummaryListRow{Key: "Service ID", Value: s.UID},
		nhsuk.SummaryListRow{Key: "Last changed", Value: when.DateTime(s.Changed)})
}
