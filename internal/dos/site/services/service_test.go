package services_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"signpost/internal/dos/directory"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
)

func TestServicePage(t *testing.T) {
	w := newWorld(t)
	page := w.get(w.reader, "/services/"+w.pharmacy)
	page.wants(t, http.StatusOK, "Oak Tree Pharmacy", "1 High Street", "M1 1AE", "01632 960001",
		"professionals only", "01632 960002", "FA001",
		"Today, Tuesday 24 November", "9am to 1pm, 2pm to 6pm", "Sunday 29 November Closed",
		"Nobody has reported it yet")
	page.lacks(t, "Change capacity", "Change opening hours", "may differ")
	w.get(w.editor, "/services/"+w.pharmacy).wants(t, http.StatusOK, "Change capacity", "Change opening hours")
	w.get(w.reader, "/services/"+w.dentist).wants(t, http.StatusOK, "placed by its postcode district",
		"Mill Dental", "Name in the directory Dental: Mill Road",
		"Email for professionals only mill@example.nhs.uk")
}

func TestServicePageHasLinksAndTheNameOfTheOrganisation(t *testing.T) {
	w := newWorld(t)
	w.update(func(u *db.W) error {
		return directory.ImportedOrganisations().Put(t.Context(), u, "FA001", "", `{"name": "Oak Tree Ltd"}`)
	})
	page := w.get(w.reader, "/services/"+w.pharmacy)
	page.wants(t, http.StatusOK, "Organisation Oak Tree Ltd (FA001)")
	for _, number := range []string{"tel:01632960001", "tel:01632960002"} {
		if len(page.all("href", number)) != 1 {
			t.Errorf("the page has no link %s", number)
		}
	}
	if len(w.get(w.reader, "/services/"+w.dentist).all("href", "mailto:mill@example.nhs.uk")) != 1 {
		t.Error("the page has no link to write to the dentist")
	}
}

func TestServicePageNamesBankHolidays(t *testing.T) {
	w := newWorld(t)
	w.Clock.Advance(time.Date(2026, 12, 25, 11, 0, 0, 0, time.UTC).Sub(noon))
	w.update(renewSessions(w))
	w.get(w.reader, "/services/"+w.pharmacy).wants(t, http.StatusOK,
		"Today, Friday 25 December (bank holiday) Closed", "Tuesday 29 December 9am to 1pm", "may differ")
}

// editPages lists the pages that change a service, with a valid form for each.
func (w *world) editPages() map[string]url.Values {
	return map[string]url.Values{
		"/services/" + w.pharmacy + "/capacity": {"status": {"RED"}, "notes": {"short of staff"}, "lasts": {"4"}},
		"/services/" + w.pharmacy + "/hours":    {"day-0": {"10:00-12:00"}},
	}
}

func TestPagesAreForThoseWhoMay(t *testing.T) {
	w := newWorld(t)
	tried := 0
	accepted := 0
	for path, form := range w.editPages() {
		w.get(w.editor, path).wants(t, http.StatusOK, "Oak Tree Pharmacy")
		if done := w.post(w.editor, path, form); done.status != http.StatusSeeOther ||
			done.location != "/services/"+w.pharmacy {
			t.Errorf("the honest twin got %d, %s: %s", done.status, done.location, done.text)
		}
		before := w.events("service.changed")
		for _, refused := range []seen{w.get(w.reader, path), w.post(w.reader, path, form), w.get("", path),
			w.post("", path, form), w.get("forged", path), w.post("forged", path, form)} {
			tried++
			if refused.status != http.StatusForbidden &&
				(refused.status != http.StatusSeeOther || refused.location != "/") {
				accepted++
				t.Errorf("%s: status %d, %s", path, refused.status, refused.location)
			}
		}
		if w.events("service.changed") != before {
			t.Errorf("%s: a refused request changed the service", path)
		}
	}
	for _, path := range []string{"/services", "/services?postcode=M1", "/services/" + w.pharmacy,
		"/services/" + w.pharmacy + "/history"} {
		w.get(w.reader, path).wants(t, http.StatusOK)
		tried++
		if s := w.get("", path); s.status != http.StatusSeeOther || s.location != "/" {
			accepted++
			t.Errorf("%s without a session: %d %s", path, s.status, s.location)
		}
	}
	t.Logf("tried %d, accepted %d", tried, accepted)
	if tried == 0 {
		t.Error("nothing was tried")
	}
}

func TestNoSuchService(t *testing.T) {
	w := newWorld(t)
	for _, id := range []string{"unknown", "%00", "%FF", "..%2f"} {
		for _, under := range []string{"", "/capacity", "/hours", "/history"} {
			if s := w.get(w.editor, "/services/"+id+under); s.status != http.StatusNotFound {
				t.Errorf("%s%s: status %d", id, under, s.status)
			}
		}
	}
}

func TestCapacityIsChangedAndShown(t *testing.T) {
	w := newWorld(t)
	path := "/services/" + w.pharmacy
	if done := w.post(w.editor, path+"/capacity",
		url.Values{"status": {"AMBER"}, "notes": {"  two <staff>  "},
			"lasts": {"4"}}); done.status != http.StatusSeeOther {
		t.Fatalf("status %d: %s", done.status, done.text)
	}
	w.get(w.reader, path).wants(t, http.StatusOK, "Amber: limited Reported by Sam editor less than a minute ago",
		"two <staff>", "24 November 2026 at midday by Sam editor", "Back to green 24 November 2026 at 4pm")
	w.get(w.reader, "/services?postcode=M1").wants(t, http.StatusOK, "Amber: limited")
	w.get(w.reader, path+"/history").wants(t, http.StatusOK, "Capacity, 24 November 2026 at midday", "Not reported",
		"Amber: limited. two <staff>", "Sam editor")
	w.Clock.Advance(4 * time.Hour)
	w.update(renewSessions(w))
	w.get(w.reader, path).wants(t, http.StatusOK,
		"Green: has capacity Back to green by itself less than a minute ago, reported by Sam editor 4 hours ago")
}

func TestCapacityThatCannotBeTakenComesBackAsTyped(t *testing.T) {
	w := newWorld(t)
	path := "/services/" + w.pharmacy + "/capacity"
	for _, tt := range []struct{ name, status, notes, lasts, text, field string }{
		{"nothing chosen", "", "short of staff", "4", "Choose green, amber or red", "status"},
		{"a colour we do not know", "BLUE", "short of staff", "4", "Choose green, amber or red", "status"},
		{"long notes", "RED", strings.Repeat("long ", 200), "4", "900 characters", "notes"},
		{"a time too long", "RED", "short of staff", "121", "up to 5 days", "lasts"},
		{"no time", "RED", "short of staff", "soon", "up to 5 days", "lasts"},
		{"a time beyond counting", "RED", "short of staff", "9223372036854775807", "up to 5 days", "lasts"},
	} {
		page := w.post(w.editor, path, url.Values{"status": {tt.status}, "notes": {tt.notes}, "lasts": {tt.lasts}})
		page.wants(t, http.StatusUnprocessableEntity, "There is a problem", tt.text)
		if len(page.all("href", "#"+tt.field)) != 1 || len(page.all("id", tt.field)) == 0 {
			t.Errorf("%s: the summary does not lead to the field %s", tt.name, tt.field)
		}
		if page.value("notes") != strings.TrimSpace(tt.notes) {
			t.Errorf("%s: the notes came back as %q", tt.name, page.value("notes"))
		}
	}
	if n := w.events("service.changed"); n != 0 {
		t.Errorf("%d changes by forms that were refused", n)
	}
}

// aWeek gives a form with the same hours on each day, except the given days.
func aWeek(same string, but map[string]string) url.Values {
	form := url.Values{}
	for _, day := range []string{"day-0", "day-1", "day-2", "day-3", "day-4", "day-5", "day-6", "day-7"} {
		form.Set(day, same)
	}
	for day, hours := range but {
		form.Set(day, hours)
	}
	return form
}

func TestHoursAreChangedAndShown(t *testing.T) {
	w := newWorld(t)
	path := "/services/" + w.pharmacy
	form := w.get(w.editor, path+"/hours")
	if form.value("day-1") != "9am to 1pm, 2pm to 6pm" || form.value("day-6") != "" {
		t.Errorf("the form begins with %q and %q", form.value("day-1"), form.value("day-6"))
	}
	if done := w.post(w.editor, path+"/hours",
		aWeek("8am to 8pm", map[string]string{"day-6": "closed",
			"day-7": "10:00-12:00"})); done.status != http.StatusSeeOther {
		t.Fatalf("status %d: %s", done.status, done.text)
	}
	w.get(w.reader, path).wants(t, http.StatusOK, "Today, Tuesday 24 November 8am to 8pm",
		"Sunday 29 November Closed", "Open until 8pm")
	w.get(w.reader, path+"/history").wants(t, http.StatusOK, "Opening hours, 24 November 2026",
		"Tuesday 9am to 1pm, 2pm to 6pm", "Tuesday 8am to 8pm; Wed", "Bank holidays 10am to midday", "Sam editor")
	w.post(w.editor, path+"/hours", url.Values{"always": {"now"}})
	w.get(w.reader, path).wants(t, http.StatusOK, "Open all hours")
}

// On a bank holiday whose hours are not known, pages say so, and a search for open services shows the service.
func TestHoursThatNobodyHasGiven(t *testing.T) {
	w := newWorld(t)
	path := "/services/" + w.pharmacy
	if done := w.post(w.editor, path+"/hours",
		aWeek("09:00-18:00", map[string]string{"day-7": "not known"})); done.status != http.StatusSeeOther {
		t.Fatalf("status %d: %s", done.status, done.text)
	}
	w.get(w.editor, path+"/hours").wants(t, http.StatusOK, "Enter ‘not known’")
	w.get(w.reader, path).wants(t, http.StatusOK, "Open until 6pm")
	w.update(func(u *db.W) error {
		return directory.ImportedHolidays().Put(t.Context(), u, "2026-11-24", "", `{"name":"A proclaimed day"}`)
	})
	page := w.get(w.reader, path)
	page.wants(t, http.StatusOK, "Hours not known", "Bank holiday: telephone first",
		"Today, Tuesday 24 November (bank holiday) Not known: telephone first", "may differ")
	if form := w.get(w.editor, path+"/hours"); form.value("day-7") != "not known" {
		t.Errorf("the form begins with %q", form.value("day-7"))
	}
	w.get(w.reader, "/services?postcode=M1&miles=10&open=now").wants(t, http.StatusOK, "Oak Tree Pharmacy",
		"Bank holiday: telephone first", "1 service within 10 miles of M1", "Hours not known, telephone first (1)")
}

func TestHoursThatCannotBeReadComeBackAsTyped(t *testing.T) {
	w := newWorld(t)
	path := "/services/" + w.pharmacy + "/hours"
	page := w.post(w.editor, path,
		aWeek("09:00-18:00", map[string]string{"day-0": "9-5", "day-3": "09:00-13:00,12:00-14:00",
			"day-5": "mornings <b>"}))
	page.wants(t, http.StatusUnprocessableEntity, "There is a problem", "Monday: ", "ends before it begins",
		`"midday to 2pm" begins before "9am to 1pm" ends`, "Saturday: ", "comma")
	for day, typed := range map[string]string{"day-0": "9-5", "day-1": "09:00-18:00",
		"day-3": "09:00-13:00,12:00-14:00", "day-5": "mornings <b>"} {
		if page.value(day) != typed {
			t.Errorf("%s came back as %q", day, page.value(day))
		}
	}
	for _, field := range []string{"day-0", "day-3", "day-5"} {
		if len(page.all("href", "#"+field)) != 1 || len(page.all("id", field+"-error")) != 1 {
			t.Errorf("%s has no error in the summary and at the field", field)
		}
	}
	page.lacks(t, "invalid:", "Tuesday: ")
	if n := w.events("service.changed"); n != 0 {
		t.Errorf("%d changes by a form that was refused", n)
	}
}

func TestPermissionTakenAwayHoldsAtOnce(t *testing.T) {
	w := newWorld(t)
	user := actor.Actor{Kind: actor.Person, ID: w.readerID, Name: "Sam reader"}
	if err := directory.SetCapacity(t.Context(), w.DB, user, w.pharmacy, directory.Red, "", 0, ""); err == nil {
		t.Error("somebody without the permission changed the capacity")
	}
}

func TestTheSecondEditorSeesWhatTheFirstSaved(t *testing.T) {
	w := newWorld(t)
	for _, tt := range []struct {
		page          string
		first, second url.Values
		typed         map[string]string
		now           []string
	}{
		{"capacity", url.Values{"status": {"RED"}, "notes": {"flood"}, "lasts": {"4"}},
			url.Values{"status": {"AMBER"}, "notes": {"two staff ill"}, "lasts": {"8"}},
			map[string]string{"notes": "two staff ill", "status": "AMBER", "lasts": "8"},
			[]string{"Sam editor changed the capacity", "The capacity now", "Red: no capacity", "flood"}},
		{"hours", aWeek("08:00-20:00", nil), aWeek("10:00-16:00", nil),
			map[string]string{"day-0": "10:00-16:00"},
			[]string{"Somebody changed the opening hours", "The opening hours now", "Monday 8am to 8pm"}},
	} {
		path := "/services/" + w.pharmacy + "/" + tt.page
		opened := w.get(w.editor, path).value("seen")
		tt.first.Set("seen", opened)
		tt.second.Set("seen", opened)
		w.Clock.Advance(time.Second)
		if done := w.post(w.editor, path, tt.first); done.status != http.StatusSeeOther {
			t.Fatalf("%s: the first editor got %d: %s", tt.page, done.status, done.text)
		}
		before := w.events("service.changed")
		second := w.post(w.editor, path, tt.second)
		second.wants(t, http.StatusUnprocessableEntity,
			append(tt.now, "There is a problem", "What you were about to save")...)
		if len(second.all("href", "#now")) != 1 || len(second.all("id", "now")) != 1 {
			t.Errorf("%s: the summary does not lead to what is there now", tt.page)
		}
		for field, typed := range tt.typed {
			if got := second.value(field); got != typed {
				t.Errorf("%s: %s came back as %q, want %q", tt.page, field, got, typed)
			}
		}
		if w.events("service.changed") != before {
			t.Errorf("%s: the second editor's change was saved over the first", tt.page)
		}
		tt.second.Set("seen", second.value("seen"))
		if done := w.post(w.editor, path, tt.second); done.status != http.StatusSeeOther {
			t.Errorf("%s: having seen it, the second editor got %d: %s", tt.page, done.status, done.text)
		}
	}
}

func TestAMistakeDoesNotHideWhatSomebodyElseSaved(t *testing.T) {
	w := newWorld(t)
	path := "/services/" + w.pharmacy + "/hours"
	mine := aWeek("nonsense", nil)
	mine.Set("seen", w.get(w.editor, path).value("seen"))
	if done := w.post(w.editor, path, aWeek("08:00-20:00", nil)); done.status != http.StatusSeeOther {
		t.Fatalf("status %d: %s", done.status, done.text)
	}
	again := aWeek("10:00-16:00", nil)
	again.Set("seen", w.post(w.editor, path, mine).value("seen"))
	w.post(w.editor, path, again).wants(t, http.StatusUnprocessableEntity, "Somebody changed the opening hours")
}

func TestServicesOfOthersAreShownAndNotChanged(t *testing.T) {
	w := newWorld(t)
	w.get(w.editor, "/services/"+w.pharmacy).wants(t, http.StatusOK, "Change capacity", "Change opening hours")
	w.get(w.editor, "/services/"+w.dentist).lacks(t, "Change capacity", "Change opening hours")
	before := w.events("service.change-refused")
	tried := 0
	accepted := 0
	for path, form := range w.editPages() {
		w.get(w.editor, path).wants(t, http.StatusOK, "Save")
		theirs := strings.Replace(path, w.pharmacy, w.dentist, 1)
		for _, refused := range []seen{w.get(w.editor, theirs), w.post(w.editor, theirs, form)} {
			tried++
			if refused.status != http.StatusForbidden {
				accepted++
			}
			refused.wants(t, http.StatusForbidden, "belongs to another organisation", "Tell your DoS lead")
		}
	}
	t.Logf("tried %d, accepted %d", tried, accepted)
	if got := w.events("service.change-refused") - before; got != 2 {
		t.Errorf("two changes that were refused left %d events", got)
	}
}

// The seven days of the week in which summer time ends are seven, each once, with hours by the wall clock.
func TestServicePageOverTheEndOfSummerTime(t *testing.T) {
	w := newWorld(t)
	w.Clock.Advance(time.Date(2027, 10, 30, 22, 30, 0, 0, time.UTC).Sub(noon)) // half past eleven at night
	w.update(renewSessions(w))
	w.get(w.reader, "/services/"+w.pharmacy).wants(t, http.StatusOK,
		"Today, Saturday 30 October Closed Sunday 31 October Closed Monday 1 November 9am to 6pm Tuesday 2 November "+
			"9am to 1pm, 2pm to 6pm",
		"Friday 5 November 9am to 6pm", "Closed, opens 9am on Monday")
}
