package site_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"signpost/internal/dos/account"
	"signpost/internal/dos/rollout"
	"signpost/internal/national/path"
	"signpost/internal/platform/web/webtest"
)

// Each person's mail says what that person does next. Its writer sees how many get which text, looks at it as one after
// another, and has it as a test.
func TestEachGetsTheirOwnNextStep(t *testing.T) {
	w := newWorld(t)
	boss := w.administrator()
	for _, name := range []string{"bo", "bob"} {
		w.account(account.New{Username: name, FirstName: name, Email: name + "@example.nhs.uk"}, path.Choose)
	}
	answers := map[rollout.Question]string{rollout.AskIdentity: "active", rollout.AskEmail: "same",
		rollout.AskAccess: "no-position"}
	w.Must(rollout.Answer(w.Context(), w.DB, w.byUsername("bob").ID, answers))
	position := path.GetPosition.Title()
	at := boss.post("/mailings/new", "q", "bo", "text", "steps").location
	first := boss.get(at)
	first.mustHave(t, "How many get which text", position, path.AskIdentity.Title(), "Next person", "1 of 3")
	if text := webtest.Text(boss.get(at + "?as=bob").body); !strings.Contains(text, "Step 4 of 6: "+position) ||
		!strings.Contains(text, "Dear bob") || !strings.Contains(text, "R8008") {
		t.Errorf("as bob: %s", text)
	}
	one := boss.get(at + "?text=get_position")
	one.mustHave(t, "1 of 1", "Dear bob")
	if !regexp.MustCompile(`Who does it: [^<]*<br>\s*By when: `).MatchString(one.body) {
		t.Error("lines of a paragraph run into each other")
	}
	tested := boss.post(at+"/test", "account", w.byUsername("bob").ID, "text", "get_position").location
	if !strings.Contains(tested, "as=bob&text=get_position") {
		t.Errorf("after the test the page is %s: bob is not shown any more", tested)
	}
	w.Settle()
	if w.Mailed("mailing.test", "boss@example.nhs.uk") != 1 || w.Mailed("mailing.steps", "bob@example.nhs.uk") != 0 {
		t.Error("the test went elsewhere")
	}
	for _, m := range w.Mails.To("boss@example.nhs.uk") {
		isOf := strings.HasPrefix(m.Subject, "Test: ") && strings.Contains(m.Text, position)
		if m.Kind == "mailing.test" && !isOf {
			t.Errorf("test: %q %s", m.Subject, m.Text)
		}
	}
	boss.post(at + "/stop")
	some := boss.post("/mailings/new", "q", "bo", "text", "steps", "sort", "get_position").location
	if text := webtest.Text(boss.get(some).body); !strings.Contains(text, "Have something else to do: 2") {
		t.Errorf("those of one step: %s", text)
	}
	boss.post(some + "/send")
	w.Settle()
	if w.Mailed("mailing.steps", "bob@example.nhs.uk") != 1 || w.Mailed("mailing.steps", "bo@example.nhs.uk") != 0 {
		t.Error("it went to others than have that step")
	}
	sent := boss.get(some)
	sent.mustHave(t, "How many had which text", position)
	if !regexp.MustCompile(`(?s)Who was mailed.*>bob<.*` + regexp.QuoteMeta(position)).MatchString(sent.body) {
		t.Error("the page does not say which text somebody had")
	}
	none := boss.post("/mailings/new", "q", "bo", "text", "prove", "sort", "get_position")
	if none.status != http.StatusUnprocessableEntity || !strings.Contains(none.body, "Choose a step from the list") {
		t.Errorf("a step of a mail that is the same for all: %d", none.status)
	}
}

// Whoever has no email address gets a letter, whose file is a PDF, and counts as told once it was posted.
func TestLettersAreMadePrintedAndPosted(t *testing.T) {
	w := newWorld(t)
	boss := w.administrator()
	w.account(account.New{Username: "bo", FirstName: "Bo", Email: "bo@example.nhs.uk"}, path.Choose)
	w.account(account.New{Username: "bonny", FirstName: "Bonny", Email: "bonny@example.nhs.uk"}, path.Choose)
	w.sql(`UPDATE account SET email = '', email_key = '' WHERE username = 'bonny'`) // as imports may leave it
	mustLack(t, boss.get(boss.post("/mailings/new", "q", "bo", "text", "prove").location), "Letters")
	at := boss.post("/mailings/new", "q", "bo", "text", "steps").location
	boss.get(at).mustHave(t, "Email does not reach 1 user here", "Make letters for them")
	boss.post(at + "/letters")
	shown := boss.get(at)
	shown.mustHave(t, "1 letter, made on", "They were posted")
	file := regexp.MustCompile(at + `/letters/[\w-]+`).FindString(shown.body)
	got := boss.get(file)
	if got.status != http.StatusOK || !strings.HasPrefix(got.body, "%PDF-") {
		t.Errorf("%s: %d %.20q", file, got.status, got.body)
	}
	boss.post(file + "/posted")
	posted := boss.get(at)
	posted.mustHave(t, "Posted on")
	mustLack(t, posted, "They were posted")
	if n := w.Count(`SELECT COUNT(*) FROM guidance WHERE how = 'letter'`); n != 1 {
		t.Errorf("%d were told by letter", n)
	}
	if again := boss.post(file + "/posted"); !strings.Contains(again.body, "posted already") {
		t.Errorf("posted twice: %d", again.status)
	}
}

// Whoever writes words of their own reads how old one has to be to read them, and which sentences to shorten.
func TestOwnWordsAreMeasured(t *testing.T) {
	w := newWorld(t)
	boss := w.administrator()
	w.account(account.New{Username: "bo", FirstName: "Bo", Email: "bo@example.nhs.uk"}, path.Choose)
	own := func(words string) page {
		at := boss.post("/mailings/new", "q", "bo", "text", "own", "subject", "Hello", "words", words).location
		return boss.get(at)
	}
	easy := own("Please ring me. I am here all day. We talk it over.")
	easy.mustHave(t, "Reading age: 5.")
	mustLack(t, easy, "Longest sentences")
	mustLack(t, own("Administrators necessarily anticipate documentation."), "Reading age") // too short to tell
	const hard = "Notwithstanding considerable organisational difficulties, administrators necessarily anticipate " +
		"comprehensive documentation of individual responsibilities."
	const listed = `<li class="nhsuk-u-text-break-word">` + hard
	own("Please ring me. I am here. "+hard).mustHave(t, "More than 12 is hard for many", listed)
}
