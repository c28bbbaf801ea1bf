package invitation

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/session"
)

// Draft is a list of colleagues before the invitations are sent, and what was left of it afterwards.
type Draft struct {
	Account    string // of whoever drew it up
	Colleagues []Colleague
}

// Usable lists the colleagues who can be invited.
func (d Draft) Usable() []Colleague {
	return slices.DeleteFunc(slices.Clone(d.Colleagues), func(c Colleague) bool { return c.Problem != "" })
}

// Refused lists the lines that cannot be used.
func (d Draft) Refused() []Colleague {
	return slices.DeleteFunc(slices.Clone(d.Colleagues), func(c Colleague) bool { return c.Problem == "" })
}

// DraftLasts is how long somebody can look at a list before they send the invitations.
const DraftLasts = time.Hour

var drafts = session.Flows[Draft]{Name: "dos.invite", Life: DraftLasts}

var (
	errNobody  = fault.OfField("colleagues", "Enter at least one colleague, or choose a file")
	errBoth    = fault.OfField("file", "Enter the colleagues or choose a file, not both")
	errTooMany = fault.OfField("colleagues", "Enter 50 colleagues or fewer")
	errLong    = fault.OfField("file", "Choose a file with 50 colleagues or fewer")
	errToday   = fault.OfField("colleagues",
		"You can invite 50 colleagues a day. Enter fewer, or wait until tomorrow")
)

// errDraftOver says that a list waits no longer.
var errDraftOver = fault.SayCure(fault.Expired,
	"Your list of colleagues was sent already, or is more than an hour old.",
	"Look whether your colleagues have the email. If not, enter the list again.")

// Prepare reads a list of colleagues that was pasted or that is in a file, and keeps it for whoever drew it up to look
// at. It gives the cookie of the draft. Nobody is invited yet.
func (i *Invitations) Prepare(ctx context.Context, by actor.Actor, typed, file string) (cookie string, err error) {
	list, err := listOf(typed, file)
	if err != nil {
		return "", err
	}
	draft := Draft{Account: by.ID, Colleagues: list}
	return db.Keep(ctx, i.DB, func(k *db.K) (string, error) {
		if err := i.withinDay(ctx, k, by.ID, len(draft.Usable())); err != nil {
			return "", err
		}
		id, secret, err := drafts.Start(ctx, k, draft)
		return session.Cookie(id, secret), err
	})
}

// listOf reads what was typed, or the file.
func listOf(typed, file string) (list []Colleague, err error) {
	switch {
	case typed != "" && file != "":
		return nil, errBoth
	case file != "":
		list, err = fromFile(file)
	default:
		list = pasted(typed)
	}
	switch {
	case err != nil:
		return nil, err
	case len(list) == 0:
		return nil, errNobody
	case len(list) > MaxAtOnce && file != "":
		return nil, errLong
	case len(list) > MaxAtOnce:
		return nil, errTooMany
	}
	markTwice(list)
	return list, nil
}

// withinDay refuses more invitations than somebody may send in a day.
func (*Invitations) withinDay(ctx context.Context, r db.R, id string, more int) error {
	before, err := db.Value[int64](ctx, r, countInvited, id, r.Now().Add(-24*time.Hour))
	if err != nil {
		return fmt.Errorf("count invitations: %w", err)
	}
	if int(before)+more > MaxAtOnce {
		return errToday
	}
	return nil
}

// Prepared gives the draft of a browser to whoever drew it up.
func (i *Invitations) Prepared(ctx context.Context, by actor.Actor, cookie string) (Draft, error) {
	return db.Read(ctx, i.DB, func(r db.R) (Draft, error) {
		flow, err := load(ctx, r, by.ID, cookie)
		return flow.State, err
	})
}

func load(ctx context.Context, r db.R, accountID, cookie string) (session.Flow[Draft], error) {
	id, secret := session.Split(cookie)
	flow, err := drafts.Load(ctx, r, id, secret)
	if errors.Is(err, fault.Expired) || err == nil && flow.State.Account != accountID {
		return session.Flow[Draft]{}, errDraftOver
	}
	return flow, err
}

// Send mails each colleague of a draft who can be invited an invitation to ask for an account, and says how many. What
// could not be used stays in the draft. Whether an address has an account makes no difference (rule R13): whoever asks
// with it is told.
func (i *Invitations) Send(ctx context.Context, by actor.Actor, cookie string) (int, error) {
	return db.Write(ctx, i.DB, by, func(w *db.W) (int, error) {
		if err := account.Require(ctx, w, account.InviteUser); err != nil {
			return 0, refuse(ctx, w, err)
		}
		flow, err := load(ctx, w, w.Actor().ID, cookie)
		if err != nil {
			return 0, err
		}
		usable := flow.State.Usable()
		if len(usable) == 0 {
			return 0, errDraftOver
		}
		if err := i.withinDay(ctx, w, w.Actor().ID, len(usable)); err != nil {
			return 0, err
		}
		var addresses []string
		for _, one := range usable {
			if err := i.invite(ctx, w, one); err != nil {
				return 0, err
			}
			addresses = append(addresses, one.Email)
		}
		flow.State.Colleagues = flow.State.Refused()
		if err := drafts.Save(ctx, w, &flow); err != nil {
			return 0, fmt.Errorf("keep what is left of a list of colleagues: %w", err)
		}
		invited := audit.Event{Kind: eventInvited, Subject: account.Ref(w.Actor().ID), After: addresses}
		return len(addresses), w.Record(ctx, invited)
	})
}
