package request

import (
	"context"
	"fmt"
	"slices"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/account/mailbox"
	"signpost/internal/dos/linking"
	"signpost/internal/national/cis2"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
)

// mutualWithin is the time in which two people who approve each other's requests are flagged.
const mutualWithin = 24 * time.Hour

// newestDecided are the requests that others approved lately. No directory has more in a day that one person could look
// through.
const newestDecided = selectRequest + ` WHERE decided_at > $1 AND account_id <> '' AND decided_by <> $2
	ORDER BY decided_at DESC LIMIT 2000`

// flag reports whether whoever asks approved a request of whoever approves now, within a day, and tells the
// administrators if so (attack L28).
func (q *Requests) flag(ctx context.Context, w *db.W, asked Request) (bool, error) {
	if w.Actor().Kind != actor.Person {
		return false, nil
	}
	former, mutual, err := mutual(ctx, w, asked, w.Actor().ID)
	if err != nil || !mutual {
		return false, err
	}
	administrators, err := account.Administrators(ctx, w)
	if err != nil {
		return false, err
	}
	err = q.Post.Tell(ctx, w, flaggedMail(asked, w.Actor().Name, former),
		mailbox.Addresses(administrators))
	if err != nil {
		return false, err
	}
	return true, w.Record(ctx, audit.Event{Kind: eventFlagged, Subject: Ref(asked.ID)})
}

// decided is a request, with the account that decided it.
type decided struct {
	request Request
	by      account.Account
}

// mutual reports whether whoever asks approved a request of whoever approves theirs, an account, and gives it: by their
// accounts, or by their names, which is all that is known of somebody whose other account has nothing in common with
// this one.
func mutual(ctx context.Context, r db.R, asked Request, approver string) (former decided, found bool, err error) {
	list, err := db.All(ctx, r, scanRequest, newestDecided, r.Now().Add(-mutualWithin), approver)
	if err != nil {
		return former, false, fmt.Errorf("read what others decided: %w", err)
	}
	me, err := twinOf(ctx, r, approver)
	if err != nil || len(list) == 0 {
		return former, false, err
	}
	var known []string
	if asked.AskedBy != "" {
		known = append(known, asked.AskedBy)
	}
	theirs := account.Identity{Issuer: asked.Claims.Issuer, Subject: asked.Claims.Subject}
	asker, err := account.PersonBehind(ctx, r, theirs, known...)
	if err != nil {
		return former, false, err
	}
	for _, other := range list {
		if !me.asked(other) {
			continue
		}
		decider, err := account.ByID(ctx, r, other.DecidedBy)
		if err != nil {
			return former, false, err
		}
		if slices.Contains(asker.Accounts, decider.ID) || asked.inNameOf(decider) {
			return decided{other, decider}, true, nil
		}
	}
	return former, false, nil
}

// twin is somebody who decides, with all that is known of whoever holds their account.
type twin struct {
	account account.Account
	person  account.Person
}

func twinOf(ctx context.Context, r db.R, id string) (t twin, err error) {
	if t.account, err = account.ByID(ctx, r, id); err != nil {
		return t, err
	}
	t.person, err = account.PersonOf(ctx, r, id)
	return t, err
}

// asked reports whether a request was theirs, or in their name.
func (t twin) asked(q Request) bool {
	return slices.Contains(t.person.Accounts, q.AccountID) || slices.Contains(t.person.Accounts, q.AskedBy) ||
		q.inNameOf(t.account)
}

// inNameOf reports whether a request has the name of an account's holder, as it was typed or as CIS2 said it. Case,
// accents and the order of the parts do not count.
func (q Request) inNameOf(a account.Account) bool {
	typed := cis2.Person{GivenName: q.FirstName, FamilyName: q.LastName}
	return linking.SameName(a, typed) || q.Claims.Given() && linking.SameName(a, q.Claims.Person())
}
