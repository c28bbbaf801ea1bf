package console_test

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/color"
	"image/png"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"signpost/internal/careid/console/frame"
	"signpost/internal/careid/identity"
	"signpost/internal/config"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/webtest"
)

// migrated makes somebody whose documents nobody has seen.
func (w *world) migrated(name string) (uuid string) {
	w.Helper()
	w.Update(func(ctx context.Context, u *db.W) error {
		i, err := identity.Add(ctx, u, identity.New{GivenName: name, FamilyName: "Example", Organisation: "Z90001"})
		uuid = i.UUID
		return err
	})
	return uuid
}

// Each detail of somebody is changed on a page of its own. What documents show is, once somebody saw them.
func TestDetailsAreChangedOneByOne(t *testing.T) {
	w := open(t)
	w.assign(manager)
	b := w.signedIn()
	at := "/people/person/" + w.migrated("Mo")
	b.get(at).has(t, "Nobody has seen identity documents", "Verify their identity",
		"Person, brought from an earlier system")
	for _, slug := range []string{"name", "birth-date", "ni-number", "photo"} {
		offered := strings.Contains(b.get(at).markup, "/change/"+slug)
		if p := b.get(at + "/change/" + slug); p.status != http.StatusSeeOther || offered {
			t.Errorf("%s can be changed before documents were seen: %d", slug, p.status)
		}
	}
	name := []string{"given_name", "Mohammed", "family_name", "Example", "preferred_name", "Mo E",
		"why_name", "as on the passport"}
	b.post(at+"/change/name", name...)
	if got := w.Identity(at[strings.LastIndex(at, "/")+1:]).GivenName; got != "Mo" {
		t.Errorf("the name is %s before documents were seen", got)
	}
	seen := []string{"photo", "passport", "ending", "4821", "address", "utility-bill", "other", "council-tax"}
	b.post(at+"/verify", seen...).has(t, "Tick the box if you saw the originals")
	if p := b.post(at+"/verify", append(seen, "declaration", "yes")...); p.location != at {
		t.Fatalf("verify: %d %s", p.status, p.text)
	}
	b.get(at).has(t, "Identity verified.", "Level 3. Passport ending in 4821")
	if p := b.get(at + "/verify"); p.status != http.StatusSeeOther {
		t.Errorf("verified again: %d", p.status)
	}
	b.post(at+"/change/name", "given_name", "Mohammed", "family_name", "Example").has(t, "Enter why the name changes")
	for path, typed := range map[string][]string{
		"name": name, "birth-date": {"birth_date", "31/3/1980"}, "ni-number": {"ni_number", "ab 12 34 56 c"},
		"smartcard-name": {"card_name", "Mohammed E"}, "mobile": {"mobile", "07700 900123"},
		"email": {"email", "mo@example.nhs.uk"}, "registration": {"body", "nmc", "number", "90a1234e"},
	} {
		if p := b.post(at+"/change/"+path, typed...); p.location != at {
			t.Errorf("%s: %d %s", path, p.status, p.text)
		}
	}
	p := b.get(at)
	p.has(t, "Mohammed Example", "Mo E", "31 March 1980", "Held, ends in C", "Mohammed E", "+447700900123",
		"mo@example.nhs.uk", "Nursing and Midwifery Council (NMC): 90A1234E")
	p.lacks(t, "AB 12 34 56 C")
	if p := b.post(at + "/ni-number/show"); p.location != at {
		t.Fatalf("show: %d %s", p.status, p.text)
	}
	b.get(at).has(t, "National Insurance number: AB 12 34 56 C")
	b.get(at).lacks(t, "AB 12 34 56 C")
	if n := w.events("identity.ni-shown"); n != 1 {
		t.Errorf("%d events tell that somebody looked at the number", n)
	}
	for _, secret := range []string{"AB123456C", "1980-03-31"} {
		n := w.Count(`SELECT COUNT(*) FROM event_detail WHERE before_json LIKE '%` + secret + `%'
			OR after_json LIKE '%` + secret + `%'`)
		if n > 0 || strings.Contains(w.log.String(), secret) {
			t.Errorf("%s stands in %d events, or in the log", secret, n)
		}
	}
	bea := "/people/person/" + w.helped("Bea", "bea@example.nhs.uk")
	b.post(bea+"/change/ni-number", "ni_number", "AB123456C").has(t,
		"Another Care Identity has this National Insurance number")
	b.get("/people?at=Z90001&name=moham").has(t, "1 person")
}

// A photo is drawn anew, and given to nobody but those who may see the profile.
func TestAPhotoIsDrawnAnew(t *testing.T) {
	w := open(t)
	w.assign(manager)
	b := w.signedIn()
	at := "/people/person/" + w.helped("Bea", "bea@example.nhs.uk")
	if p := b.get(at + "/photo"); p.status != http.StatusNotFound {
		t.Errorf("no photo: %d", p.status)
	}
	if p := b.sendsPhoto(at, []byte("GIF89a")); p.location == at {
		t.Error("what is no photo was taken")
	}
	picture := image.NewRGBA(image.Rect(0, 0, 900, 700))
	picture.Set(1, 1, color.White)
	var sent bytes.Buffer
	w.Must(png.Encode(&sent, picture))
	sent.WriteString("where it was taken")
	if p := b.sendsPhoto(at, sent.Bytes()); p.location != at {
		t.Fatalf("photo: %d %s", p.status, p.text)
	}
	if !strings.Contains(b.get(at).markup, `<img src="`+at+`/photo"`) {
		t.Error("the profile does not show it")
	}
	p := b.get(at + "/photo")
	if p.status != http.StatusOK || p.header.Get("Content-Type") != "image/jpeg" ||
		p.header.Get("Cache-Control") != "no-store" {
		t.Errorf("%d %v", p.status, p.header)
	}
	about, kind, err := image.DecodeConfig(strings.NewReader(p.markup))
	if err != nil || kind != "jpeg" || about.Width != 600 || strings.Contains(p.markup, "where it was taken") {
		t.Errorf("%s of %d pixels: %v", kind, about.Width, err)
	}
	if n := w.Count(`SELECT COUNT(*) FROM identity_photo WHERE sealed LIKE '%JFIF%'`); n > 0 {
		t.Error("it is not sealed")
	}
	w.assign("S8000:G8000:R8001")
	dot := w.Person(personAt("Dot", "Z90002")).ID
	if p := b.get("/people/person/" + dot + "/photo"); p.status != http.StatusForbidden {
		t.Errorf("somebody else's: %d", p.status)
	}
}

// sendsPhoto sends a photo of somebody, as a browser does.
func (b *browser) sendsPhoto(at string, content []byte) page {
	b.w.Helper()
	return b.sendsPicture(at+"/change/photo", content)
}

// sendsPicture sends a form with a picture, as a browser does.
func (b *browser) sendsPicture(path string, content []byte, pairs ...string) page {
	b.w.Helper()
	return b.sendsFile(path, path, "picture", content, pairs...)
}

// sendsFile sends a form that stands on a page, with a file, as a browser does.
func (b *browser) sendsFile(at, path, field string, content []byte, pairs ...string) page {
	b.w.Helper()
	var body bytes.Buffer
	parts := multipart.NewWriter(&body)
	b.w.Must(parts.WriteField(web.SealField, webtest.SealOf(b.get(at).markup, path)))
	for name, values := range webtest.Form(pairs...) {
		b.w.Must(parts.WriteField(name, values[0]))
	}
	file, err := parts.CreateFormFile(field, "file")
	b.w.Must(err)
	_, err = file.Write(content)
	b.w.Must(err)
	b.w.Must(parts.Close())
	r := httptest.NewRequestWithContext(b.w.Context(), http.MethodPost, address+path, &body)
	r.Header.Set("Content-Type", parts.FormDataContentType())
	rec := b.Do(r)
	got := rec.Body.String()
	return page{status: rec.Code, location: webtest.LedTo(rec.Header(), got), text: webtest.Text(got)}
}

// Positions that are over are shown when somebody asks for them.
func TestRemovedPositionsAreShownWhenAskedFor(t *testing.T) {
	w := open(t)
	w.assign(manager)
	b := w.signedIn()
	p := b.get("/people/person/" + w.ada + "/positions")
	p.lacks(t, "Old post")
	p.has(t, "View removed positions", "This is your own Care Identity.")
	b.get("/people/person/"+w.ada+"/positions?removed=yes").has(t, "Old post", "Removed positions")
}

// Closing is asked for on a page of its own, and shown once it is done. History and notes tell of it.
func TestAProfileIsClosedAndReopened(t *testing.T) {
	w := open(t)
	w.assign(manager)
	b := w.signedIn()
	bea := w.helped("Bea", "bea@example.nhs.uk")
	at := "/people/person/" + bea
	b.get(at).has(t, "Close profile and remove all access", "Suspend")
	typed := []string{"reason", "left", "note", "Moved to Leeds", "typed", "CLOSE"}
	b.post(at+"/close", typed...).has(t, "Tick the box if everything is to end")
	if p := b.post(at+"/close", append(typed, "sure", "yes")...); p.location != at {
		t.Fatalf("close: %d %s", p.status, p.text)
	}
	w.Settle()
	p := b.get(at)
	p.has(t, "Closed", "It is closed. Reopen it, if the person came back.", "No authenticator works")
	p.lacks(t, "Close profile and remove all access")
	if strings.Contains(p.markup, "/change/") {
		t.Error("details of a closed identity can be changed")
	}
	if p := b.get(at + "/close"); p.status != http.StatusSeeOther {
		t.Errorf("closed again: %d", p.status)
	}
	b.get(at+"/status").has(t, "Only the identity comes back.")
	b.post(at+"/status", "move", "reopen", "why", "came back")
	b.get(at).has(t, "The Care Identity is open again.", "No authenticator works", "No position is in force")
	b.post(at+"/notes", "note", " ").has(t, "Enter the note")
	b.post(at+"/notes", "note", "Wants a passkey <b>")
	b.get(at+"/notes").has(t, "Moved to Leeds", "Wants a passkey <b>", "Ada O'Example <b>, 24 November 2026 at 9am")
	history := b.get(at + "/history")
	history.has(t, "Closing begun", "Ada O'Example <b>", "They have left, and need no Care Identity any more",
		"Status changed", "A part of closing done", "The system", "Note written", "Profile looked at")
	history.lacks(t, "Moved to Leeds", "identity.moved")
}

// While it is being closed, the profile says so, and nothing can be done.
func TestClosingIsShownMeanwhile(t *testing.T) {
	w := open(t)
	w.assign(manager)
	b := w.signedIn()
	bea := w.helped("Bea", "bea@example.nhs.uk")
	at := "/people/person/" + bea
	w.Update(func(ctx context.Context, u *db.W) error {
		_, err := u.Exec(ctx, `INSERT INTO identity_closing (uuid, reason, begun_by, begun_at, done)
			VALUES ($1, 'They have left', 'x', $2, 'links')`, bea, u.Now())
		return errors.Join(err, identity.MovePart(ctx, u, bea, identity.BeginClosing, "left"))
	})
	p := b.get(at)
	p.has(t, "Being closed", "Closing began on 24 November 2026 at 9am (They have left).")
	p.lacks(t, "Close profile and remove all access")
	for _, page := range []string{"/close", "/status", "/change/mobile"} {
		if p := b.get(at + page); p.status != http.StatusSeeOther || p.location != at {
			t.Errorf("%s: %d %s", page, p.status, p.location)
		}
	}
}

// The history words every kind of event that a person can have.
func TestTheHistoryHasWordsForEveryKind(t *testing.T) {
	tried := 0
	for _, kind := range config.EventKinds {
		room, _, _ := strings.Cut(kind, ".")
		switch room {
		case "identity", "life", "correction", "authenticator", "smartcard":
			tried++
			if text := frame.Happened(audit.Kind(kind)); strings.Contains(text, ":") {
				t.Errorf("%s: %q", kind, text)
			}
		}
	}
	if tried < 35 {
		t.Errorf("only %d kinds", tried)
	}
}
