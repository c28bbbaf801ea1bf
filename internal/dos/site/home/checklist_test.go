package home

import (
	"html"
	"net/url"
	"strings"
	"testing"

	"signpost/internal/dos/account"
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

func checklist(f path.Facts, a account.Account) checklistView {
	h := &Home{frame: &frame.Frame{Places: frame.PlacesAt("https://cim.example")}}
	return h.checklistOf(f, a)
}

// ownerHTML gives the row "Who does it" of a step.
func ownerHTML(t *testing.T, v checklistView, what path.What) string {
	t.Helper()
	for _, s := range v.Steps {
		if s.ID == "step-"+string(what) {
			var text strings.Builder
			if err := s.Rows[0].ValueHTML.Render(t.Context(), &text); err != nil {
				t.Fatal(err)
			}
			return text.String()
		}
	}
	t.Fatalf("there is no step %s", what)
	return ""
}

func TestTheRegistrationAuthorityIsNamedAndTheMailToItWritten(t *testing.T) {
	got := ownerHTML(t, checklist(waits, ada), path.GetPosition)
	for _, want := range []string{"Your registration authority: Fenmarch Hospitals",
		`<a href="tel:01632960001">01632 960001</a>`, `<a href="mailto:ra@fenmarch.example">ra@fenmarch.example</a>`} {
		if !strings.Contains(got, want) {
			t.Errorf("%s lacks %s", got, want)
		}
	}
	mail := mailIn(t, got)
	for _, want := range []string{"R8008", "B0166", "Ada Okafor", "ada@nhs.net"} {
		if !strings.Contains(mail, want) {
			t.Errorf("the mail lacks %s: %s", want, mail)
		}
	}
}

// mailIn gives the mail that stands ready written behind a link.
func mailIn(t *testing.T, page string) string {
	t.Helper()
	_, after, found := strings.Cut(page, `mailto:ra@fenmarch.example?`)
	query, _, _ := strings.Cut(after, `"`)
	values, err := url.ParseQuery(html.UnescapeString(query))
	if !found || err != nil || values.Get("subject") == "" {
		t.Fatalf("no mail is ready written: %s", page)
	}
	return values.Get("subject") + "\n" + values.Get("body")
}

// The name and the address of a shared account are a team's, and not those of whoever writes.
func TestMailFromASharedAccountNamesNobody(t *testing.T) {
	team := account.Account{FirstName: "Front", LastName: "Desk", Email: "desk@nhs.net", Kind: account.Shared}
	inactive := waits
	inactive.Identity = path.OneInactive
	mail := mailIn(t, ownerHTML(t, checklist(inactive, team), path.ReactivateIdentity))
	if strings.Contains(mail, "Front Desk") || strings.Contains(mail, "desk@nhs.net") {
		t.Errorf("the mail names the team: %s", mail)
	}
}

func TestWithoutAnAuthorityNoMailIsOffered(t *testing.T) {
	unknown := waits
	unknown.Authority = ""
	unknown.Contact = ""
	got := strings.TrimSpace(ownerHTML(t, checklist(unknown, ada), path.GetPosition))
	if got != "Your registration authority" {
		t.Errorf("who does it: %s", got)
	}
}

func TestWhatCannotStartYetIsNoLink(t *testing.T) {
	waiting := 0
	for _, item := range checklist(waits, ada).Items {
		if item.Status.Text != stateTexts[path.Waiting].Text {
			continue
		}
		waiting++
		if item.Href != "" {
			t.Errorf("%s cannot start yet, and leads to %s", item.Heading, item.Href)
		}
	}
	if waiting == 0 {
		t.Error("nothing waits: the check proves nothing")
	}
}
