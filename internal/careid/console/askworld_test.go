package console_test

import (
	"context"
	"net/http"
	"strings"
	"time"

	"signpost/internal/careid/request"
	"signpost/internal/careid/request/asker"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/worldtest"
)

const mailboxOfBo = "bo@oaktree.example.nhs.uk"

// stepsOfAsking are the pages of asking in their order, each with what is typed on it.
var stepsOfAsking = [][]string{
	{"", "need", "grant-position", "organisation", "z90001", "name", "Bo Stranger", "email", mailboxOfBo},
	{"/about", "name", "Bo Stranger", "organisation", "Z90001"},
	{"/details", "number", "5000 0000 0017", "text", "I start on the 111 desk in January"},
	{"/email", "email", mailboxOfBo},
	{"/code", "code", ""},
}

// asksUntil fills in the pages of asking until one is to be answered, which "/check" is the last of.
func (b *browser) asksUntil(page string, change ...string) {
	b.w.Helper()
	for _, step := range stepsOfAsking {
		if step[0] == page && page != "" {
			return
		}
		typed := append([]string{}, step[1:]...)
		for i := 0; i+1 < len(change); i += 2 {
			for j := 0; j+1 < len(typed); j += 2 {
				if typed[j] == change[i] {
					typed[j+1] = change[i+1]
				}
			}
		}
		b.w.Clock.Advance(time.Second) // mails are told apart by their time
		if step[0] == "/code" {
			to := mailboxOfBo
			for i := 0; i+1 < len(change); i += 2 {
				if change[i] == "email" {
					to = change[i+1]
				}
			}
			typed[1] = b.w.code(to)
		}
		if p := b.post("/ask-your-ra"+step[0], typed...); p.status != http.StatusSeeOther {
			b.w.Fatalf("%s: %d %s", step[0], p.status, p.text)
		}
	}
}

// sends sends what was filled in, and gives the page that says so.
func (b *browser) sends() page {
	b.w.Helper()
	shown := b.get("/ask-your-ra/check")
	p := b.post("/ask-your-ra/check", "shown", between(shown.markup, `name="shown" value="`, `"`))
	if p.location != "/ask-your-ra/sent" {
		b.w.Fatalf("sent: %d %q %s", p.status, p.location, p.text)
	}
	return b.get(p.location)
}

func between(text, before, after string) string {
	_, text, _ = strings.Cut(text, before)
	text, _, _ = strings.Cut(text, after)
	return text
}

// ownLink gives the path of the link in the newest mail to Bo.
func (w *world) ownLink() string {
	w.Helper()
	w.Settle()
	w.Clock.Advance(time.Second)
	for _, m := range w.Mails.All() {
		if _, link, is := strings.Cut(m.Text, address+asker.OwnPath); is && m.To == mailboxOfBo {
			link, _, _ = strings.Cut(link, "\n")
			return asker.OwnPath + link
		}
	}
	w.Fatal("no link was mailed")
	return ""
}

// opensAsking gives a browser that may send a form of asking, or of the link to what was asked, and the form's path;
// nil for a form of anything else.
func (w *world) opensAsking(pattern string) (*browser, string) {
	w.Helper()
	_, at, _ := strings.Cut(pattern, " ")
	b := w.browser()
	if page, is := strings.CutPrefix(at, "/ask-your-ra"); is {
		b.asksUntil(map[string]string{"/need": "/check"}[page] + strings.TrimPrefix(page, "/need"))
		w.Settle()
		return b, at
	}
	if !strings.HasPrefix(at, asker.OwnPath) {
		return nil, ""
	}
	b.asksUntil("/check", "need", "something-else")
	b.sends()
	link := w.ownLink()
	if strings.HasSuffix(at, "{secret}") {
		return b, link
	}
	if strings.HasSuffix(at, "/again") {
		sue := actor.Actor{Kind: actor.Person, ID: w.another("Sue")}
		id := w.strangersRequest().ID
		w.Must(w.DB.Update(w.Context(), sue, func(u *db.W) error {
			if err := request.LookAt(w.Context(), u, id); err != nil {
				return err
			}
			_, err := request.Reject(w.Context(), u, id, "Something else", "Say more")
			return err
		}))
	}
	w.Settle()
	return b, link + at[strings.LastIndex(at, "/"):]
}

// strangersRequest gives the only request that was asked from Bo's address.
func (w *world) strangersRequest() request.Request {
	w.Helper()
	return worldtest.Read(w.World.World, func(ctx context.Context, r db.R) (request.Request, error) {
		id, err := db.Value[string](ctx, r, `SELECT MAX(id) FROM ra_request WHERE email = $1`, mailboxOfBo)
		if err != nil {
			return request.Request{}, err
		}
		return request.ByID(ctx, r, id)
	})
}
