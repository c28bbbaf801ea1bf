package site_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/request"
	cases "signpost/internal/dos/shared"
	"signpost/internal/national/path"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/worldtest"
)

// letters are all kinds of mails with a link or a code of the directory's, each as it is sent to somebody of a number.
var letters = map[string]func(w *world, n int) letter{
	"address":            (*world).letterOfAddress,
	"link":               (*world).letterOfLink,
	"relink":             (*world).letterOfRelink,
	"forgotten password": (*world).letterOfPassword,
	"undo":               (*world).letterOfUndo,
	"request":            (*world).letterOfRequest,
	"way back":           (*world).letterOfWayBack,
	"invitation":         (*world).letterOfInvitation,
	"set-up":             (*world).letterOfSetUp,
	"shared account":     (*world).letterOfClaim,
	"first set-up":       (*world).letterOfFirstSetUp,
}

// reader gives somebody of a number, with an account and a browser at an address of their own, whom CIS2 knows next.
func (w *world) reader(n int) (a account.Account, b *browser) {
	w.Helper()
	username := fmt.Sprintf("reader%d", n)
	a = w.account(account.New{Username: username, FirstName: "Ada", LastName: "Example", EmailProved: true,
		Email: username + "@example.nhs.uk", Organisation: "Z99Z9"}, path.Choose)
	w.issuer.Person.Subject = fmt.Sprintf("5000000%05d", n)
	w.issuer.Person.Email = username + "@elsewhere.nhs.uk"
	return a, w.reading(n)
}

func (w *world) reading(n int) *browser {
	b := w.browser()
	b.Address = fmt.Sprintf("10.7.%d.%d:1234", n/250, n%250)
	return b
}

func (w *world) letterOfAddress(n int) letter {
	a, b := w.reader(n)
	to := "new-" + a.Email
	b.withPassword(a.Username, goodPass)
	b.post("/account/email", "email", to)
	return letter{
		to: to, at: "/account/email/code",
		confirmed: func(*browser) bool { return w.count(`SELECT COUNT(*) FROM account WHERE email = $1`, to) != 0 },
		goOn:      func() bool { return b.post("/account/email/code", "code", w.code(to)).location == "/account" },
	}
}

// linking is the letter with the code of a link that was begun on a browser.
func (w *world) linking(a account.Account, b *browser) letter {
	return letter{
		to: a.Email, at: "/link/confirm",
		confirmed: func(*browser) bool { return w.linked(a.ID) },
		goOn:      func() bool { return b.post("/link/confirm", "code", w.code(a.Email)).location == "/linked" },
	}
}

func (w *world) letterOfLink(n int) letter {
	a, b := w.reader(n)
	b.withPassword(a.Username, goodPass)
	w.clock.Advance(73 * time.Hour)
	b.withPassword(a.Username, goodPass)
	b.careIdentity()
	return w.linking(a, b)
}

func (w *world) letterOfRelink(n int) letter {
	a, b := w.reader(n)
	code := worldtest.Must(w.linker.AllowRelink(w.Context(), w.someAdministrator(), a.ID))(w)
	b.careIdentity()
	to := b.post("/link/code", "username", a.Username, "code", code)
	if !strings.HasPrefix(to.location, w.issuer.Name) {
		w.Fatalf("the relink code leads to %d %q %s", to.status, to.location, to.body)
	}
	b.get("/signin/callback?" + w.issuer.SignIn(w, to.location).Encode())
	return w.linking(a, b)
}

// someAdministrator is somebody who may do everything to everybody.
func (w *world) someAdministrator() actor.Actor {
	w.Helper()
	a, err := db.Read(w.Context(), w.d, func(r db.R) (account.Account, error) {
		return account.ByUsername(w.Context(), r, "all")
	})
	if err != nil {
		a = w.account(account.New{Username: "all", FirstName: "Al", Email: "al@example.nhs.uk",
			Grants: account.UserAdministrator.In(account.Everywhere)}, path.Choose)
	}
	return actor.Actor{Kind: actor.Person, ID: a.ID, Name: a.Name(), Session: "all"}
}

func (w *world) letterOfPassword(n int) letter {
	a, b := w.reader(n)
	b.post("/forgotten-password", "username", a.Username)
	return letter{
		to: a.Email, at: "/forgotten-password/code",
		confirmed: func(*browser) bool {
			return w.count(`SELECT COUNT(*) FROM account WHERE id = $1 AND password_hash <> $2`, a.ID, w.Hash) != 0
		},
		goOn: func() bool {
			sent := b.post("/forgotten-password/code", "code", w.code(a.Email), "password", otherPass)
			return sent.location == "/" && b.withPassword(a.Username, otherPass).status == http.StatusSeeOther
		},
	}
}

func (w *world) letterOfUndo(n int) letter {
	a, b := w.reader(n)
	w.update(func(ctx context.Context, u *db.W) error {
		return account.AddLink(ctx, u, account.Link{AccountID: a.ID, Issuer: w.issuer.Name,
			Subject: w.issuer.Person.Subject})
	})
	b.post("/undo-link", "username", a.Username)
	return letter{
		to: a.Email, at: "/undo-link/code",
		confirmed: func(*browser) bool { return !w.linked(a.ID) },
		goOn: func() bool {
			return b.post("/undo-link/code", "code", w.code(a.Email)).location == "/undo-link/done" && !w.linked(a.ID)
		},
	}
}

// newAsker begins a request of somebody of a number.
func (w *world) newAsker(n int) (to string, b *browser) {
	w.Helper()
	to = fmt.Sprintf("asker%d@example.nhs.uk", n)
	b = w.reading(n)
	if got := b.post("/request-account", asked("email", to)...); got.location != "/request-account/code" {
		w.Fatalf("the form leads to %d %q %s", got.status, got.location, got.body)
	}
	return to, b
}

// states counts the requests of an address in a state.
func (w *world) states(to, state string) int64 {
	return w.count(`SELECT COUNT(*) FROM request WHERE email = $1 AND state = $2`, to, state)
}

func (w *world) letterOfRequest(n int) letter {
	to, b := w.newAsker(n)
	return letter{
		to: to, at: "/request-account/code",
		confirmed: func(*browser) bool { return w.states(to, "open") != 0 },
		goOn: func() bool {
			return b.post("/request-account/code", "code", w.code(to)).location == "/my-request" &&
				w.states(to, "open") == 1
		},
	}
}

// linkIn gives the path of the newest link in the mails to an address that begins with a path.
func (w *world) linkIn(to, begins string) string {
	w.Helper()
	w.Settle()
	for _, m := range w.Mails.To(to) {
		for _, found := range inMail.FindAllStringSubmatch(m.Text, -1) {
			if strings.HasPrefix(found[1], begins) {
				return found[1]
			}
		}
	}
	w.Fatalf("no link %s was mailed to %s", begins, to)
	return ""
}

// returns is the letter with an asker's own link, whose request is in a state.
func (w *world) returns(n int, to, state, shows string) letter {
	w.Helper()
	link := w.linkIn(to, request.OwnPath)
	return letter{
		to: to,
		confirmed: func(b *browser) bool {
			return b.get("/my-request").status == http.StatusOK || w.states(to, state) != 1
		},
		goOn: func() bool {
			later := w.reading(n)
			later.post(link)
			return later.post("/request-account/code", "code", w.code(to)).location == "/my-request" &&
				strings.Contains(later.get("/my-request").body, shows)
		},
	}
}

func (w *world) letterOfWayBack(n int) letter {
	to, b := w.newAsker(n)
	w.clock.Advance(time.Minute) // so that the mail with the link is the newest
	b.post("/request-account/code", "code", w.code(to))
	return w.returns(n, to, "open", "your request was sent")
}

func (w *world) letterOfSetUp(n int) letter {
	to, b := w.newAsker(n)
	b.post("/request-account/code", "code", w.code(to))
	id := worldtest.Read(w.World.World, func(ctx context.Context, r db.R) (string, error) {
		return db.Value[string](ctx, r, `SELECT id FROM request WHERE email = $1`, to)
	})
	w.clock.Advance(time.Minute)
	requests := request.Requests{DB: w.d, Post: w.Post, Linker: w.linker, Home: home}
	seen := worldtest.Read(w.World.World, func(ctx context.Context, r db.R) (string, error) {
		asked, err := request.ByID(ctx, r, id)
		if err != nil {
			return "", err
		}
		return asked.Seen(request.Doubts{}) // there is no Care Identity that could raise any
	})
	_, err := requests.Approve(w.Context(), w.someAdministrator(), id, request.Approval{Seen: seen})
	w.Must(err)
	return w.returns(n, to, "set-up", "Complete the setup of your account")
}

func (w *world) letterOfInvitation(n int) letter {
	to := fmt.Sprintf("colleague%d@example.nhs.uk", n)
	if n%50 == 0 { // so that nobody invites too many in a day
		w.clock.Advance(25 * time.Hour)
	}
	w.someAdministrator()
	lead := w.reading(n + 1000)
	lead.withPassword("all", goodPass)
	lead.post("/requests/invite", "colleagues", "Nia Newcomer, "+to)
	lead.post("/requests/invite/send")
	link := w.linkIn(to, "/request-account")
	return letter{
		to:        to,
		confirmed: func(*browser) bool { return w.states(to, "open")+w.states(to, "unconfirmed") != 0 },
		goOn: func() bool {
			b := w.reading(n)
			if !strings.Contains(b.get(link).body, `value="`+to+`"`) {
				return false
			}
			_, token, _ := strings.Cut(link, "invitation=")
			b.post("/request-account", append(asked("email", to), "invitation", token)...)
			b.post("/request-account/code", "code", w.code(to))
			return w.count(`SELECT COUNT(*) FROM request WHERE email = $1 AND invited_by <> ''`, to) == 1
		},
	}
}

func (w *world) letterOfClaim(n int) letter {
	team := w.night(n)
	w.someAdministrator()
	w.Update(func(ctx context.Context, u *db.W) error {
		return cases.BeginPart(ctx, u, team.ID, u.Now().Add(cases.Usual))
	})
	link := w.ownOf(team, n)
	to := fmt.Sprintf("ann%d@riverside.example", n)
	return letter{
		to: to,
		confirmed: func(*browser) bool {
			return w.count(`SELECT COUNT(*) FROM request WHERE email = $1`, to) != 0 ||
				w.count(`SELECT COUNT(*) FROM shared_claim WHERE email = $1 AND state = 'confirmed'`, to) != 1
		},
		goOn: func() bool {
			b := w.reading(n)
			return b.post(link).location == "/request-account" &&
				strings.Contains(b.get("/request-account").body, `value="`+to+`"`)
		},
	}
}

// letterOfFirstSetUp has no mail: whoever runs the system passes the link on, through whatever scans it.
func (w *world) letterOfFirstSetUp(n int) letter {
	link := w.setUpLink()
	return letter{
		link:      link,
		confirmed: func(*browser) bool { return w.count(`SELECT COUNT(*) FROM account_link`) != 0 },
		goOn:      func() bool { return strings.HasPrefix(w.reading(n).post(link).location, w.issuer.Name) },
	}
}
