package linking_test

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/linking"
	"signpost/internal/dos/merge"
	"signpost/internal/dos/request"
	"signpost/internal/dos/review"
	"signpost/internal/dos/shared"
	"signpost/internal/national/path"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/worldtest"
)

// decided are acts of administrators that race with all others: decisions about requests and about held links, and
// shared accounts that retire.
var decided = []act{
	{"approve a request", func(w *world, a account.Account) func() error {
		w.requested(a)
		by, seen := w.acting(), w.seen(a.ID)
		return func() error {
			_, err := w.requests().Approve(w.Context(), by, a.ID, request.Approval{Seen: seen})
			return err
		}
	}},
	{"reject a request", func(w *world, a account.Account) func() error {
		w.requested(a)
		by := w.acting()
		return func() error { return w.requests().Reject(w.Context(), by, a.ID, "not known here") }
	}},
	{"link what was held", func(w *world, a account.Account) func() error {
		w.heldCase(a)
		cookie := w.doubtfulCeremony(a)
		return func() error { return w.confirm(cookie, "") }
	}},
	{"approve a held link", func(w *world, a account.Account) func() error { return w.prepareReview(a, true) }},
	{"refuse a held link", func(w *world, a account.Account) func() error { return w.prepareReview(a, false) }},
	{"retire", func(w *world, a account.Account) func() error {
		w.frozen(a)
		by := w.acting()
		return func() error { return w.cases().Retire(w.Context(), by, a.ID) }
	}},
	{"take back a retirement", func(w *world, a account.Account) func() error {
		w.frozen(a)
		by := w.acting()
		if active := w.endOf(a).Active; active {
			w.Must(w.cases().Retire(w.Context(), by, a.ID))
		}
		return func() error { return w.cases().Restore(w.Context(), by, a.ID) }
	}},
	{"merge into another account", func(w *world, a account.Account) func() error {
		w.confirmedMerge(a)
		by := w.acting()
		shown := w.shownMerge(a.ID)
		return func() error { return w.merges().Do(w.Context(), by, a.ID, shown) }
	}},
	{"undo a merge", func(w *world, a account.Account) func() error {
		w.confirmedMerge(a)
		by := w.acting()
		if w.endOf(a).Active {
			_ = w.merges().Do(w.Context(), by, a.ID, w.shownMerge(a.ID)) // a shared account cannot be merged
		}
		shown := w.shownMerge(a.ID)
		return func() error { return w.merges().Undo(w.Context(), by, a.ID, shown, "two people") }
	}},
}

// acting is the administrator of a world, at work.
func (w *world) acting() actor.Actor {
	return actor.Actor{Kind: actor.Person, ID: w.admin().ID, Name: "Al"}
}

func (w *world) requests() *request.Requests {
	return &request.Requests{DB: w.DB, Post: w.Post, Linker: w.linker, Home: "https://dos.example"}
}

// seen names a request as an administrator sees it now.
func (w *world) seen(id string) string {
	w.Helper()
	return worldtest.Must(db.Read(w.Context(), w.DB, func(r db.R) (string, error) {
		asked, err := request.ByID(w.Context(), r, id)
		if err != nil {
			return "", err
		}
		doubts, err := request.DoubtsOf(w.Context(), r, w.Post, asked)
		if err != nil {
			return "", err
		}
		return asked.Seen(doubts)
	}))(w)
}

func (w *world) cases() *shared.Cases {
	return &shared.Cases{DB: w.DB, Post: w.Post, Home: "https://dos.example"}
}

// shownMerge names a merge as its page shows it now.
func (w *world) shownMerge(id string) string {
	w.Helper()
	return worldtest.Read(w.World.World, func(ctx context.Context, r db.R) (string, error) {
		m, err := merge.ByID(ctx, r, id)
		if err != nil {
			return "", err
		}
		s, err := merge.SidesOf(ctx, r, m)
		if err != nil {
			return "", err
		}
		return merge.Seen(ctx, r, m, s)
	})
}

func (w *world) merges() merge.Office { return merge.Office{DB: w.DB, Post: w.Post, Links: w.linker} }

const insertMerge = `INSERT INTO account_merge (id, survivor, closed, state, memberships, reason, proposed_at,
	proposed_by, proposed_name, confirmed_at, confirmed_link) VALUES ($1, $2, $1, 'confirmed', '[]', 'One person', $3,
	'', 'Al', $3, $4)`

// confirmedMerge makes a merge of an account into another one of its holder, who has confirmed it.
func (w *world) confirmedMerge(a account.Account) {
	w.Helper()
	if w.Count(`SELECT COUNT(*) FROM account_merge WHERE id = $1`, a.ID) != 0 {
		return
	}
	linked := ""
	if w.linked(a.ID) {
		linked = a.ID
	}
	twin := w.account("twin-"+a.Username, path.Choose)
	w.Update(func(ctx context.Context, u *db.W) error {
		_, err := u.Exec(ctx, insertMerge, a.ID, twin.ID, u.Now(), linked)
		return err
	})
	w.Clock.Advance(time.Second) // what changes now changed after the holder confirmed it
}

const insertRequest = `INSERT INTO request (id, state, first_name, last_name, email, email_key, phone, organisation,
	profession, region, reason, asked_by, invited_by, own_digest, created_at, confirmed_at, issuer, subject, claims)
	VALUES ($1, 'open', $2, 'Racer', $3, $3, '', 'FXX01', 'nurse', '', 'I keep our hours right.', '', '', $4, $5, $5,
	$6, $7, $8) ON CONFLICT DO NOTHING`

// requested makes a request, of the account's id, with the Care Identity that the account is to be linked to, and with
// the address that it would change to.
func (w *world) requested(a account.Account) {
	w.Helper()
	subject := w.holders[a.ID]
	if subject == "" {
		subject = w.holds(a, "asker-") + a.Username
	}
	claims, err := json.Marshal(request.Claims{Issuer: issuer, Subject: subject, Name: "P Racer", IdentityLevel: 3})
	w.Must(err)
	w.Update(func(ctx context.Context, u *db.W) error {
		_, err := u.Exec(ctx, insertRequest, a.ID, letters(a.Username), "new-"+a.Email, []byte(a.ID), u.Now(), issuer,
			subject, string(claims))
		return err
	})
}

// letters writes the digits of a name as letters, so that no two accounts of a race want one username.
func letters(name string) string {
	return strings.Map(func(c rune) rune {
		if c >= '0' && c <= '9' {
			return 'a' + c - '0'
		}
		return c
	}, name)
}

// doubtfulCeremony begins to link an account to a Care Identity whose address looks like the account's.
func (w *world) doubtfulCeremony(a account.Account) (cookie string) {
	w.Helper()
	return w.ceremoniesOf([]account.Account{a}, func(c *linking.Ceremony) {
		c.Subject = w.holds(a, "doubtful-") + a.Username
		c.Email = strings.Replace(a.Email, "example", "examp1e", 1)
	})[0]
}

// heldCase gives the case of a link that was held, whose holder has tried once.
func (w *world) heldCase(a account.Account) (id string) {
	w.Helper()
	if err := w.confirm(w.doubtfulCeremony(a), ""); !heldBack(err) && !w.linked(a.ID) {
		w.Fatalf("the link is not held: %v", err)
	}
	return worldtest.Read(w.World.World, func(ctx context.Context, r db.R) (string, error) {
		return db.Value[string](ctx, r, `SELECT COALESCE(MAX(id), '') FROM link_review WHERE account_id = $1`, a.ID)
	})
}

func (w *world) prepareReview(a account.Account, approve bool) func() error {
	id := w.heldCase(a)
	by := w.acting()
	var decision review.Decision // where there is no case, there is nothing to look at
	if id != "" {
		decision = w.looked(id, approve, "asked them")
	}
	return func() error {
		_, err := w.linker.DecideReview(w.Context(), by, id, decision)
		return err
	}
}

// frozen makes a shared account of one, with a case that is frozen and may retire.
func (w *world) frozen(a account.Account) {
	w.Helper()
	w.Update(func(ctx context.Context, u *db.W) error {
		_, err := u.Exec(ctx, `UPDATE account SET shared = TRUE, reading_only = TRUE WHERE id = $1`, a.ID)
		if err != nil {
			return err
		}
		_, err = u.Exec(ctx, `INSERT INTO shared_case (account_id, state, opened_at, opened_by, retires_at)
			VALUES ($1, 'frozen', $2, '', $3) ON CONFLICT DO NOTHING`, a.ID, u.Now().Add(-2*shared.Quiet),
			u.Now().Add(shared.Usual))
		return err
	})
}
