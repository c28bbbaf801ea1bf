package home

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"

	"signpost/internal/dos/account"
	"signpost/internal/dos/rollout/checklist"
	"signpost/internal/dos/site/frame"
	"signpost/internal/national/path"
)

// waits is somebody who has no position and whose account is not linked yet.
var waits = path.Facts{
	Account: path.Individual, Identity: path.OneActive, Email: path.EmailAgrees, MailProved: path.Yes,
	Position: path.No, Authenticator: path.Sufficient, Approved: path.Yes, Working: path.Yes, Linked: path.No,
	Phase: path.Choose, Authority: "Fenmarch Hospitals", Contact: "ra@fenmarch.example, 01632 960001",
}

var ada = account.Account{FirstName: "Ada", LastName: "Okafor", Email: "ada@nhs.net"}

var monday = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

// list is somebody's checklist on Monday, after they asked others for some of it.
func list(f path.Facts, a account.Account, asks ...checklist.Ask) checklistView {
	h := &Home{frame: &frame.Frame{Places: frame.PlacesAt("https://cim.example", "https://cis2.example")}}
	return h.checklistOf(told{facts: f, user: a, asks: asks, now: checklist.Now(f, asks, false, monday), at: monday})
}

// shown gives a part of a page as text in HTML.
func shown(t *testing.T, part templ.Component) string {
	t.Helper()
	var text strings.Builder
	if err := part.Render(t.Context(), &text); err != nil {
		t.Fatal(err)
	}
	return text.String()
}

// The form of the registration authority is filled in with what is known, and no address has who it is about where
// servers see it.
func TestTheFormOfTheRegistrationAuthorityIsFilledIn(t *testing.T) {
	h := &Home{frame: &frame.Frame{CIM: "https://cim.example"}}
	asks := func(what path.What, a account.Account) *url.URL {
		links := h.askOf(path.Step{What: what}, a)
		if len(links) != 1 {
			t.Fatalf("%s has %d links", what, len(links))
		}
		at, err := url.Parse(links[0].Href)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	holder := ada
	holder.Organisation = "RXK"
	at := asks(path.GetPosition, holder)
	if at.Path != path.AskRAPage || at.RawQuery != "need=grant-position&ods=RXK" {
		t.Errorf("it leads to %s", at)
	}
	if filled, err := url.ParseQuery(at.Fragment); err != nil || filled.Get("name") != "Ada Okafor" ||
		filled.Get("email") != "ada@nhs.net" {
		t.Errorf("it fills in %q: %v", at.Fragment, err)
	}
	holder.Kind = account.Shared
	if at := asks(path.GetAuthenticator, holder); at.Fragment != "" {
		t.Errorf("a shared account says who somebody is: %s", at)
	}
	if links := h.askOf(path.Step{What: path.Link}, ada); len(links) != 0 {
		t.Errorf("linking is asked of a registration authority: %v", links)
	}
}

func TestTheRegistrationAuthorityIsNamedAndTheMailToItWritten(t *testing.T) {
	v := list(waits, ada)
	if v.Caption != "Step 4 of 6" || v.Heading != "Ask your registration authority for the DoS position" {
		t.Errorf("the page says %q, %q", v.Caption, v.Heading)
	}
	if v.Now.Button.Text != "Send the email to Fenmarch Hospitals" || !v.Now.sends() {
		t.Errorf("the button is %+v", v.Now.Button)
	}
	for _, want := range []string{"R8008", "B0166", "Ada Okafor", "ada@nhs.net"} {
		if said := shown(t, letter(v.Now)); !strings.Contains(said, want) {
			t.Errorf("the page lacks %s: %s", want, said)
		}
		if mail := mailIn(t, v.Now.Own); !strings.Contains(mail, want) {
			t.Errorf("the mail lacks %s: %s", want, mail)
		}
	}
	owner := shown(t, v.Now.Rows[0].ValueHTML)
	for _, want := range []string{"Your registration authority: Fenmarch Hospitals",
		`<a href="tel:01632960001">01632 960001</a>`, `<a href="mailto:ra@fenmarch.example">ra@fenmarch.example</a>`} {
		if !strings.Contains(owner, want) {
			t.Errorf("%s lacks %s", owner, want)
		}
	}
}

// mailIn gives the mail that stands ready written behind a link.
func mailIn(t *testing.T, link string) string {
	t.Helper()
	query, found := strings.CutPrefix(link, `mailto:ra@fenmarch.example?`)
	values, err := url.ParseQuery(query)
	if !found || err != nil || values.Get("subject") == "" {
		t.Fatalf("no mail is ready written: %s", link)
	}
	return values.Get("subject") + "\n" + values.Get("body")
}

// One mail asks for all that the registration authority does now.
func TestOneMailAsksForAll(t *testing.T) {
	without := waits
	without.Authenticator = path.NoAuthenticator
	v := list(without, ada)
	if !strings.Contains(v.Now.Letter, "R8008") || !strings.Contains(v.Now.Letter, "Issue an approved authenticator") {
		t.Errorf("the mail is %s", v.Now.Letter)
	}
	if len(v.Now.With) != 1 {
		t.Errorf("besides, the mail asks for %v", v.Now.With)
	}
}

// The name and the address of a shared account are a team's, and not those of whoever writes.
func TestMailFromASharedAccountNamesNobody(t *testing.T) {
	team := account.Account{FirstName: "Front", LastName: "Desk", Email: "desk@nhs.net", Kind: account.Shared}
	inactive := waits
	inactive.Identity = path.OneInactive
	v := list(inactive, team)
	if v.Now.sends() || v.Now.MayNote || v.Now.Button.Href == "" {
		t.Fatalf("a team cannot ask by itself: %+v", v.Now.Button)
	}
	if mail := mailIn(t, v.Now.Button.Href); strings.Contains(mail, "Front Desk") || strings.Contains(mail, "desk@") {
		t.Errorf("the mail names the team: %s", mail)
	}
}

func TestWithoutAnAuthorityNoMailIsOffered(t *testing.T) {
	unknown := waits
	unknown.Authority = ""
	unknown.Contact = ""
	v := list(unknown, ada)
	if got := strings.TrimSpace(shown(t, v.Now.Rows[0].ValueHTML)); got != "Your registration authority" {
		t.Errorf("who does it: %s", got)
	}
	if v.Now.Letter != "" || v.Now.Button.Href != "https://cim.example/find-your-ra" {
		t.Errorf("the button is %+v", v.Now.Button)
	}
}

func TestAnAuthorityWithoutEmailIsTelephoned(t *testing.T) {
	called := waits
	called.Contact = "01632 960001, weekdays"
	got := list(called, ada).Now.Button
	if got.Text != "Telephone Fenmarch Hospitals" || got.Href != "tel:01632960001" {
		t.Errorf("the button is %+v", got)
	}
}

// Whoever has asked is told who is at work and since when, and is to ask again after a week.
func TestWhoeverWasAskedIsAtWork(t *testing.T) {
	ask := func(ago time.Duration) checklist.Ask {
		return checklist.Ask{What: path.GetPosition, Of: "Fenmarch Hospitals", ByMail: true, At: monday.Add(-ago)}
	}
	v := list(waits, ada, ask(48*time.Hour))
	if v.Caption != "" || v.Heading != "There is nothing for you to do now" {
		t.Errorf("the page says %q, %q", v.Caption, v.Heading)
	}
	if len(v.Working) != 1 || v.Working[0].Who != "Fenmarch Hospitals" ||
		v.Working[0].Since != "You asked on 21 November 2026, 2 days ago" {
		t.Errorf("at work are %+v", v.Working)
	}
	if got := v.Items[3].Status.Text; got != "Others are working on it" {
		t.Errorf("the list says of the position: %s", got)
	}
	v = list(waits, ada, ask(8*24*time.Hour))
	if v.Caption == "" || v.Now.Before != "You asked Fenmarch Hospitals on 15 November 2026. Ask again, or telephone." {
		t.Errorf("a week later the page says %q, %q, %q", v.Caption, v.Heading, v.Now.Before)
	}
}
