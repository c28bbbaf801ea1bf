package console_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"signpost/internal/careid/access"
	"signpost/internal/careid/provider/claim"
	"signpost/internal/national/cis2"
	"signpost/internal/platform/db"
	"signpost/internal/platform/worldtest"
)

const positionsAt = "/people/organisations/Z90001/positions"

// A manager creates a position, sees what a change would give and take, saves it, and closes the position.
func TestPositionPages(t *testing.T) {
	w := open(t)
	w.assign(manager)
	b := w.signedIn()
	if !strings.Contains(b.get("/people?at=Z90001").markup, `href="`+positionsAt+`"`) {
		t.Error("the page People does not lead to positions")
	}
	filled := b.get(positionsAt + "/new?as=directory")
	filled.has(t, "R8008 B0166", "Directory of Service UI Access (B0166)")
	if !strings.Contains(filled.markup, `value="Directory of Services System"`) {
		t.Error("the position of the directory is not filled in")
	}
	spoilt := []string{"name", "Clerk", "profiles", "R8008 B7777", "how", "email", "participants", "Bo"}
	wrong := b.post(positionsAt+"/new", spoilt...)
	wrong.has(t, "No activity that can be given has the code B7777")
	made := b.post(positionsAt+"/new", "name", "Clerk", "profiles", "R8008 B0166", "how", "email", "participants", "Bo")
	one := made.location
	b.get(one).has(t, "Position created.", "S8001:G8002:R8008", "Directory of Service UI Access",
		"Nobody has this position", "Manage Pharmacy Activities (B0572)", "How it was approved")
	b.get(positionsAt).has(t, "Clerk", "Admin/Clinical Support Access Role (R8008)")
	change := url.Values{"name": {"Ward clerk"}, "profiles": {"R8008 B0360\nR8001"}, "version": {"1"}}
	b.get(one+"/change?"+change.Encode()).has(t, "Gain Nurse Access Role (R8001)",
		"Gain B0360 in", "Lose B0166 in", "is held by 0 people", "Nurse Access Role")
	change.Set("profiles", "R8008 nurse")
	b.get(one+"/change?"+change.Encode()).has(t, "This is no code of an activity")
	save := []string{"name", "Ward clerk", "profiles", "R8008 B0360\nR8001", "version", "1", "how", "email",
		"participants", "Bo"}
	if p := b.post(one+"/change", save...); p.location != one {
		t.Fatalf("saved: %d to %q", p.status, p.location)
	}
	b.get(one).has(t, "Version 2", "R8008 B0360", "Lose")
	if again := b.post(one+"/change", save...); again.location == one {
		t.Error("what somebody else changed meanwhile was saved over")
	} else {
		again.has(t, "Somebody else changed this position meanwhile")
	}
	b.post(one+"/close", "why", "moved", "approver", "Bo", "sure", "yes", "typed", "CLOSE")
	closed := b.get(one)
	closed.has(t, "Closed on")
	if strings.Contains(closed.markup, "Change this position") {
		t.Error("a closed position can be changed")
	}
}

// Agents see positions and change none.
func TestAgentsSeePositions(t *testing.T) {
	w := open(t)
	w.assign("S0080:G0440:R5090")
	id := w.positionAt("Z90001")
	b := w.signedIn()
	page := b.get(positionsAt + "/" + id)
	page.has(t, "What a service will see", "Approve RA Requests")
	if strings.Contains(page.markup, "/edit") || strings.Contains(b.get(positionsAt).markup, "/new") {
		t.Error("an agent is offered to change positions")
	}
	for _, path := range []string{positionsAt + "/new", positionsAt + "/" + id + "/edit", positionsAt + "/" + id + "/close"} {
		if p := b.get(path); p.status != 403 {
			t.Errorf("%s: %d", path, p.status)
		}
	}
	if p := b.get("/people/organisations/ZTR/positions/" + id); p.status != 404 {
		t.Errorf("a position of another organisation: %d", p.status)
	}
}

// What the page says a service will see is what userinfo gives.
func TestWhatAServiceWillSee(t *testing.T) {
	w := open(t)
	claims := worldtest.Must(db.Read(t.Context(), w.DB, func(r db.R) (map[string]json.RawMessage, error) {
		return claim.For(t.Context(), r, w.ada, []string{"nationalrbacaccess"}, nil)
	}))(t)
	var told []cis2.NationalRole
	if err := json.Unmarshal(claims["nhsid_nrbac_roles"], &told); err != nil || len(told) == 0 {
		t.Fatalf("%v %s", err, claims["nhsid_nrbac_roles"])
	}
	held := worldtest.Must(db.Read(t.Context(), w.DB, func(r db.R) ([]access.Assignment, error) {
		return access.OfIdentity(t.Context(), r, w.ada)
	}))(t)
	position := held[0].Position.ID
	for _, a := range held {
		if a.Roles[0].ID == told[0].PersonRoleID {
			position = a.Position.ID
		}
	}
	w.assign(manager)
	page := w.signedIn().get(positionsAt + "/" + position)
	for _, text := range []string{told[0].OrgCode, told[0].RoleCode, told[0].ActivityCodes[0], told[0].Activities[0]} {
		page.has(t, text)
	}
	for _, part := range strings.Split(told[0].RoleName, `":"`) {
		page.has(t, strings.Trim(part, `"`))
	}
}

// Positions that an organisation has made are given to its people on their page, with one end.
func TestGivingPositionsOfAnOrganisation(t *testing.T) {
	w := open(t)
	w.assign(manager)
	w.positionAt("Z90001")
	bea := w.helped("Bea", "bea@example.nhs.uk")
	b := w.signedIn()
	at := "/people/person/" + bea + "/positions"
	page := b.get(at)
	page.has(t, "Give positions of an organisation", "Clerk ", "Two people give it: another manager decides")
	_, rest, _ := strings.Cut(page.markup, `name="positions"`)
	_, rest, _ = strings.Cut(rest, `value="`)
	id, _, _ := strings.Cut(rest, `"`)
	b.post(at+"/give", "positions", id, "ends", "soon").has(t, "Enter a date, for example 31 3 2027, or nothing")
	b.post(at+"/give", "positions", id, "ends", "1 1 2020").has(t, "The end date must be after the start date")
	if p := b.post(at+"/give", "positions", id, "ends", "31 3 2027"); p.location != at {
		t.Fatalf("%d to %q: %s", p.status, p.location, p.text)
	}
	given := b.get(at)
	given.has(t, "Positions given.", "Clerk ", "31 March 2027", "Change dates")
	_, rest, _ = strings.Cut(given.markup, at+"/")
	assignment, _, _ := strings.Cut(rest, "/")
	dates := at + "/" + assignment + "/dates"
	b.get(dates).has(t, "Change dates", "Clerk ", "Start date", "Last day")
	b.post(dates, "starts", "", "ends", "1 1 2020").has(t, "The end date must be after the start date")
	if p := b.post(dates, "starts", "", "ends", "30 4 2027"); p.location != at {
		t.Fatalf("%d to %q: %s", p.status, p.location, p.text)
	}
	b.get(at).has(t, "Dates changed.", "30 April 2027")
	b.get(positionsAt).has(t, "(R8008) People who have it 1", "(R8008) People who have it 0")
	if p := b.get(at + "/none/dates"); p.status != http.StatusNotFound {
		t.Errorf("dates of what they do not have: %d", p.status)
	}
}
