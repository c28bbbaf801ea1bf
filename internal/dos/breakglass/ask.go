package breakglass

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"signpost/internal/dos/account"
	"signpost/internal/dos/account/widening"
	"signpost/internal/dos/directory"
	"signpost/internal/dos/signin"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/name"
	"signpost/internal/platform/random"
	"signpost/internal/platform/session"
)

// The bounds of what people write.
const (
	MinReason = 15
	maxReason = 1000
)

const (
	waitsFor = time.Hour      // how long somebody has to open emergency rights with whoever asked
	aDay     = 24 * time.Hour // in which somebody asks at most so often
	maxADay  = 3
)

// The faults of asking.
var (
	ErrNotByCareIdentity = fault.SayCure(fault.Forbidden,
		"You logged in with a password, so you cannot ask for emergency rights.",
		"Log in with your Care Identity, and ask then. Link it first if you have not linked it.")
	ErrMayNotAsk = fault.SayCure(fault.Forbidden, "Your account cannot ask for emergency rights.",
		"Ask somebody who may change the service, or your DoS user administrator.")
	errReason = fault.OfField("reason",
		fmt.Sprintf("Say what has happened, in %d to %d characters", MinReason, maxReason))
	errWhere = fault.OfField("where", "Choose where you need the rights")
	errNow   = fault.SayCure(fault.Conflict, "You have emergency rights already, or have asked for them.",
		"They cannot be prolonged. End them, or withdraw what you asked for, and ask again.")
	errTooOften = fault.SayCure(fault.TooMany,
		fmt.Sprintf("You have asked for emergency rights %d times in 24 hours, as often as anybody can.", maxADay),
		"Ask somebody who may change the service, or your DoS user administrator.")
)

// Request is what somebody asks for.
type Request struct {
	Scope  account.Scope
	Reason string
}

// Ask asks for emergency rights of the actor. They open at once, unless two people have to open them. All
// administrators are told.
func (o *Office) Ask(ctx context.Context, by actor.Actor, asked Request) (Use, error) {
	asked.Reason = strings.TrimSpace(asked.Reason)
	return db.Write(ctx, o.DB, by, func(w *db.W) (Use, error) {
		asker, link, err := o.asker(ctx, w)
		if err != nil {
			return Use{}, refuse(ctx, w, by.ID, "ask", err)
		}
		if err := o.check(ctx, w, asked); err != nil {
			return Use{}, err
		}
		unreviewed, err := o.bound(ctx, w, asker.ID, link)
		if err != nil {
			return Use{}, refuse(ctx, w, by.ID, "ask", err)
		}
		u := Use{ID: random.ID(), AccountID: asker.ID, Issuer: link.Issuer, Subject: link.Subject, Scope: asked.Scope,
			Reason: asked.Reason, State: Waiting, Asked: w.Now(), WaitsUntil: w.Now().Add(waitsFor)}
		if err := u.add(ctx, w); err != nil {
			return Use{}, err
		}
		calendar, err := directory.ReadCalendar(ctx, w)
		if err != nil {
			return Use{}, err
		}
		if o.Policy.NeedsTwo(calendar, w.Now(), u.Scope.Kind, unreviewed) {
			return u, o.tellAsked(ctx, w, u, asker)
		}
		return o.open(ctx, w, u, asker)
	})
}

// Place is somewhere for which an account's holder may ask for emergency rights.
type Place struct {
	Scope account.Scope
	Name  string // of the service or region; empty for everywhere
	Two   bool   // somebody else has to open them now with whoever asks
	Alone bool   // somebody else has to, and there is nobody who may
}

// Opener is somebody who may open emergency rights with whoever asks.
type Opener struct {
	account.Account

	At []int // the places for which they may, by their number in the list of them
}

// PlacesFor lists for which places an account's holder may ask: a service, if there is one with the id, the regions and
// everywhere, as far as the policy has them. Beside them it lists who may open with them what two people open.
func (o *Office) PlacesFor(
	ctx context.Context, r db.R, accountID, serviceID string,
) (list []Place, openers []Opener, err error) {
	link, err := account.LinkOf(ctx, r, accountID)
	if err != nil && !errors.Is(err, fault.NotFound) {
		return nil, nil, err
	}
	uses, err := ofPerson(ctx, r, accountID, link)
	if err != nil {
		return nil, nil, err
	}
	calendar, err := directory.ReadCalendar(ctx, r)
	if err != nil {
		return nil, nil, err
	}
	unreviewed := slices.ContainsFunc(uses, func(u Use) bool { return u.State == Ended })
	if list, err = o.places(ctx, r, serviceID); err != nil {
		return nil, nil, err
	}
	for i, p := range list {
		list[i].Two = o.Policy.NeedsTwo(calendar, r.Now(), p.Scope.Kind, unreviewed)
	}
	openers, err = openersOf(ctx, r, Use{AccountID: accountID, Issuer: link.Issuer, Subject: link.Subject}, list)
	return list, openers, err
}

// openersOf lists who, but who would ask, may open emergency rights for the places where two people have to. It notes
// the places where nobody may.
func openersOf(ctx context.Context, r db.R, asker Use, list []Place) ([]Opener, error) {
	if !slices.ContainsFunc(list, func(p Place) bool { return p.Two }) {
		return nil, nil
	}
	others, err := asker.holders(ctx, r)
	if err != nil {
		return nil, err
	}
	openers := make([]Opener, len(others))
	for i, p := range list {
		if !p.Two {
			continue
		}
		area := &directory.Area{Scope: p.Scope}
		list[i].Alone = true
		for j, h := range others {
			covers, err := area.In(ctx, r, h.reach)
			if err != nil {
				return nil, err
			}
			if covers {
				list[i].Alone = false
				openers[j].At = append(openers[j].At, i)
			}
			openers[j].Account = h.account
		}
	}
	return slices.DeleteFunc(openers, func(o Opener) bool { return len(o.At) == 0 }), nil
}

// places lists the places for which people may ask, the narrowest first. A region is no service here: below it would be
// as wide as in it.
func (o *Office) places(ctx context.Context, r db.R, serviceID string) (list []Place, err error) {
	kinds := upTo(o.Policy.Widest)
	service, err := directory.ByID(ctx, r, serviceID)
	if err != nil && !errors.Is(err, fault.NotFound) {
		return nil, err
	}
	if err == nil && service.Type != directory.RegionType {
		list = append(list, Place{Scope: account.BelowService(service.ID), Name: service.Shown()})
	}
	if slices.Contains(kinds, account.KindRegion) {
		regions, err := directory.Regions(ctx, r)
		if err != nil {
			return nil, err
		}
		for _, one := range regions {
			list = append(list, Place{Scope: account.InRegion(one.ID), Name: one.Name})
		}
	}
	if slices.Contains(kinds, account.KindEverywhere) {
		list = append(list, Place{Scope: account.Everywhere})
	}
	return list, nil
}

// asker gives the account of the actor, and its link, if they may ask: they came with the Care Identity that is linked
// to an account of their own.
func (o *Office) asker(ctx context.Context, w *db.W) (a account.Account, link account.Link, err error) {
	if w.Actor().Kind != actor.Person {
		return a, link, ErrMayNotAsk
	}
	if a, err = account.ByID(ctx, w, w.Actor().ID); err != nil {
		return a, link, err
	}
	if link, err = o.standing(ctx, w, a); err != nil {
		return a, link, err
	}
	return a, link, cameBy(ctx, w, link)
}

// standing gives the link by which an account's holder can have emergency rights, whoever opens them: the account is
// somebody's own, they may ask by the rights that it has by itself, and a Care Identity is linked.
func (o *Office) standing(ctx context.Context, r db.R, a account.Account) (link account.Link, err error) {
	if a.Kind != account.Individual || !a.Active {
		return link, ErrMayNotAsk
	}
	own, err := account.GrantsOf(ctx, r, a.ID)
	if err == nil && !o.Policy.May(own) {
		err = ErrMayNotAsk
	}
	if err != nil {
		return link, err
	}
	link, err = account.LinkOf(ctx, r, a.ID)
	if errors.Is(err, fault.NotFound) {
		return link, ErrNotByCareIdentity
	}
	return link, err
}

// cameBy checks that the session in which the actor acts is there, and began with a Care Identity.
func cameBy(ctx context.Context, w *db.W, link account.Link) error {
	live, err := signin.Sessions.OfSubject(ctx, w, w.Actor().ID)
	if err != nil {
		return err
	}
	came := slices.ContainsFunc(live, func(s session.Session[signin.State]) bool {
		return s.ID == w.Actor().Session && s.State.How == signin.ByCareIdentity &&
			s.State.CareIdentity == link.Subject
	})
	if !came {
		return ErrNotByCareIdentity
	}
	return nil
}

// check checks what was typed.
func (o *Office) check(ctx context.Context, r db.R, asked Request) error {
	var problems []error
	if !wordsFit(asked.Reason) {
		problems = append(problems, errReason)
	}
	offered, err := o.places(ctx, r, asked.Scope.ID)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(offered, func(p Place) bool { return p.Scope == asked.Scope }) {
		problems = append(problems, errWhere)
	}
	return errors.Join(problems...)
}

func wordsFit(text string) bool {
	n := utf8.RuneCountInString(text)
	seen := name.CheckText("", text) == nil && name.Letters(text) >= MinReason/2 // neither dots nor what nobody sees
	return seen && n >= MinReason && n <= maxReason
}

// bound refuses who has or awaits emergency rights, or asked too often, with whichever of their accounts, and reports
// whether nobody has reviewed a use of theirs. What is over by now is noted first.
func (o *Office) bound(ctx context.Context, w *db.W, accountID string, link account.Link) (unreviewed bool, err error) {
	uses, err := ofPerson(ctx, w, accountID, link)
	if err != nil {
		return false, err
	}
	lately := 0
	for _, u := range uses {
		switch u.State {
		case Waiting, Open:
			return false, errNow
		case Ended:
			unreviewed = true
		}
		if w.Now().Sub(u.Asked) < aDay {
			lately++
		}
		if err := o.note(ctx, w, u); err != nil {
			return false, err
		}
	}
	if lately >= maxADay {
		return false, errTooOften
	}
	return unreviewed, nil
}

const insertUse = `INSERT INTO break_glass (id, account_id, issuer, subject, scope_kind, scope_id, reason, state,
	asked_at, waits_until) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`

func (u Use) add(ctx context.Context, w *db.W) error {
	_, err := w.Exec(ctx, insertUse, u.ID, u.AccountID, u.Issuer, u.Subject, string(u.Scope.Kind), u.Scope.ID, u.Reason,
		string(Waiting), u.Asked, u.WaitsUntil)
	if errors.Is(err, db.ErrUnique) {
		return errNow
	}
	if err != nil {
		return fmt.Errorf("ask for emergency rights: %w", err)
	}
	return w.Record(ctx, audit.Event{Kind: eventAsked, Subject: account.Ref(u.AccountID), Reason: u.Reason,
		After: map[string]any{"use": u.ID, "where": u.Scope}})
}

// open opens what was asked for, within the Update of whoever opens it.
func (o *Office) open(ctx context.Context, w *db.W, u Use, asker account.Account) (Use, error) {
	u.State = Open
	u.Opened = w.Now()
	u.Ends = w.Now().Add(o.Policy.Lasts)
	if w.Actor().ID != u.AccountID {
		u.Second = w.Actor().ID
	}
	const opened = `UPDATE break_glass SET state = 'open', opened_at = $2, second_id = $3
		WHERE id = $1 AND state = 'waiting'`
	if err := w.Change(ctx, opened, u.ID, u.Opened, u.Second); err != nil {
		return u, fmt.Errorf("open emergency rights: %w", err)
	}
	err := widening.Open(ctx, w, widening.Widening{ID: u.ID, AccountID: u.AccountID, Issuer: u.Issuer,
		Subject: u.Subject, ScopeKind: string(u.Scope.Kind), ScopeID: u.Scope.ID, Opened: u.Opened, Ends: u.Ends})
	if err != nil {
		return u, err
	}
	if err := w.Record(ctx, audit.Event{Kind: eventOpened, Subject: account.Ref(u.AccountID), Reason: u.Reason,
		After: map[string]any{"use": u.ID, "where": u.Scope, "ends": u.Ends, "second": u.Second}}); err != nil {
		return u, err
	}
	return u, o.tellOpened(ctx, w, u, asker)
}

// refuse records what somebody may not do about emergency rights of an account.
func refuse(ctx context.Context, w *db.W, accountID, what string, err error) error {
	if !errors.Is(err, fault.Forbidden) && !errors.Is(err, fault.TooMany) {
		return err
	}
	return w.Refuse(ctx, audit.Event{Kind: eventRefused, Subject: account.Ref(accountID), Reason: what}, err)
}
