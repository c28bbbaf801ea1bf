package alias

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"signpost/internal/dos/account"
	"signpost/internal/dos/account/mailbox"
	"signpost/internal/dos/deciding"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/mail"
	"signpost/internal/platform/random"
	"signpost/internal/platform/seen"
)

const maxReason = 2000

// mutualWithin is the time in which two people who sign each other's pairs are flagged.
const mutualWithin = 24 * time.Hour

// The faults of those who sign.
var (
	errReason = fault.OfField("reason", "Enter why, in 2,000 characters or fewer")
	errThere  = fault.SayOfField("other", fault.Conflict, "These two domains stand in the table already")
	errOwn    = fault.SayCure(fault.Forbidden, "You proposed this alias, so somebody else has to sign it.",
		"Ask another DoS user administrator who looks after everybody.")
	errProposerGone = fault.SayCure(fault.Conflict,
		"Whoever proposed this alias does not manage users everywhere any more, so their signature does not count.",
		"Withdraw it, and propose it yourself if it is right.")
	errDone = fault.SayCure(fault.Conflict, "This alias has been signed or withdrawn already.",
		"Look at what became of it.")
	errNone = fault.SayCure(fault.NotFound, "There is no such alias.", "Look at the list of domain aliases.")
)

// Typed is a pair as somebody proposes it.
type Typed struct{ One, Other, Reason string }

const insertAlias = `INSERT INTO domain_alias (id, one, other, reason, proposed_by, proposed_name, proposed_at)
	VALUES ($1, $2, $3, $4, $5, $6, $7)`

// Propose puts a pair into the table, signed once. It counts when somebody else has signed it too.
func (t Table) Propose(ctx context.Context, by actor.Actor, typed Typed) (Alias, error) {
	one, other, err := Pair(typed.One, typed.Other)
	if err != nil {
		return Alias{}, err
	}
	reason, err := readReason(typed.Reason)
	if err != nil {
		return Alias{}, err
	}
	return db.Write(ctx, t.DB, by, func(w *db.W) (Alias, error) {
		pair := one + "/" + other // by which a refusal is found
		if err := mayAct(ctx, w, pair); err != nil {
			return Alias{}, err
		}
		if err := settled(ctx, w, pair); err != nil {
			return Alias{}, err
		}
		a := Alias{ID: random.ID(), One: one, Other: other, Reason: reason, Proposed: signature(w)}
		_, err := w.Exec(ctx, insertAlias, a.ID, one, other, reason, a.Proposed.By, a.Proposed.Name, w.Now())
		if errors.Is(err, db.ErrUnique) {
			return a, w.Refuse(ctx, audit.Event{Kind: Refused, Subject: Ref(pair), Reason: errThere.Error()}, errThere)
		}
		if err != nil {
			return a, fmt.Errorf("propose alias: %w", err)
		}
		if err := t.tell(ctx, w, proposedMail(a)); err != nil {
			return a, err
		}
		return a, w.Record(ctx, audit.Event{Kind: eventProposed, Subject: Ref(a.ID), Reason: reason,
			After: []string{one, other}})
	})
}

func readReason(typed string) (string, error) {
	reason := strings.TrimSpace(typed)
	if reason == "" || utf8.RuneCountInString(reason) > maxReason {
		return "", errReason
	}
	return reason, nil
}

func signature(w *db.W) Signature {
	return Signature{By: w.Actor().ID, Name: w.Actor().Name, At: w.Now()}
}

// mayAct checks that the actor may manage users everywhere.
func mayAct(ctx context.Context, w *db.W, id string) error {
	err := account.RequireEverywhere(ctx, w, account.ManageUsers)
	if errors.Is(err, fault.Forbidden) {
		return refuse(ctx, w, id, err)
	}
	return err
}

func refuse(ctx context.Context, w *db.W, id string, problem error) error {
	return w.Refuse(ctx, audit.Event{Kind: Refused, Subject: Ref(id), Reason: problem.Error()}, problem)
}

const signAlias = `UPDATE domain_alias SET signed_by = $2, signed_name = $3, signed_at = $4, flagged = $5
	WHERE id = $1 AND signed_at IS NULL AND withdrawn_at IS NULL`

// Sign is the second signature of a pair, as whoever signs saw it. Whoever proposed it cannot give it, by whatever
// account.
func (t Table) Sign(ctx context.Context, by actor.Actor, id, seen string) (Alias, error) {
	return db.Write(ctx, t.DB, by, func(w *db.W) (Alias, error) {
		a, err := toAct(ctx, w, id)
		if err != nil {
			return a, err
		}
		if !a.Waits() {
			return a, refuse(ctx, w, id, errDone)
		}
		if a.Flagged, err = maySign(ctx, w, a); err != nil {
			return a, err
		}
		if err := asSeen(ctx, w, a, seen); err != nil {
			return a, err
		}
		a.Signed = signature(w)
		if err := w.Change(ctx, signAlias, id, a.Signed.By, a.Signed.Name, w.Now(), a.Flagged); err != nil {
			return a, fmt.Errorf("sign alias: %w", err)
		}
		if err := t.tell(ctx, w, signedMail(a)); err != nil {
			return a, err
		}
		return a, w.Record(ctx, audit.Event{Kind: eventSigned, Subject: Ref(id), Reason: a.Reason,
			After: map[string]any{"domains": []string{a.One, a.Other}, "flagged": a.Flagged}})
	})
}

// toAct reads a pair for whoever may act on it.
func toAct(ctx context.Context, w *db.W, id string) (Alias, error) {
	if err := mayAct(ctx, w, id); err != nil {
		return Alias{}, err
	}
	a, err := ByID(ctx, w, id)
	if errors.Is(err, fault.NotFound) {
		return a, errNone
	}
	return a, err
}

// maySign refuses a second signature by whoever gave the first, and one that was given by somebody who may no longer,
// and says whether the two sign each other's pairs.
func maySign(ctx context.Context, w *db.W, a Alias) (flagged bool, err error) {
	me, proposer, err := a.signers(ctx, w, w.Actor().ID)
	if err != nil {
		return false, err
	}
	if w.Actor().Kind != actor.Person || me.Is(proposer) {
		return false, refuse(ctx, w, a.ID, errOwn)
	}
	if err := settled(ctx, w, a.ID); err != nil {
		return false, err
	}
	if err := proposerStands(ctx, w, a); err != nil {
		return false, err
	}
	return mutual(ctx, w, me, proposer)
}

// shown is what a second signature rests on.
type shown struct {
	One, Other, Reason string
	Proposed           Signature
	Cautions           []string
}

// Seen names a pair as its page shows it, with its cautions: another pair can come to the table while somebody looks.
func (a Alias) Seen(cautions []string) (string, error) { return seen.Of(a.shown(cautions)) }

func (a Alias) shown(cautions []string) shown {
	return shown{One: a.One, Other: a.Other, Reason: a.Reason, Proposed: a.Proposed, Cautions: cautions}
}

// asSeen refuses a signature of a pair that is not as whoever signs saw it.
func asSeen(ctx context.Context, w *db.W, a Alias, name string) error {
	table, err := List(ctx, w)
	if err != nil {
		return err
	}
	if err := seen.Check(name, a.shown(Cautions(a, table))); err != nil {
		return refuse(ctx, w, a.ID, err)
	}
	return nil
}

// signers gives the person of an account, and whoever proposed a pair.
func (a Alias) signers(ctx context.Context, r db.R, accountID string) (me, proposer account.Person, err error) {
	if me, err = account.PersonOf(ctx, r, accountID); err != nil {
		return me, proposer, err
	}
	proposer, err = account.PersonOf(ctx, r, a.Proposed.By)
	return me, proposer, err
}

// Own reports whether a pair was proposed by the person of an account, by whatever account of theirs.
func (a Alias) Own(ctx context.Context, r db.R, accountID string) (bool, error) {
	me, proposer, err := a.signers(ctx, r, accountID)
	return err == nil && me.Is(proposer), err
}

// settled refuses who was given the permission just now: neither of the two signatures is theirs yet.
func settled(ctx context.Context, w *db.W, id string) error {
	err := deciding.Settled(ctx, w, account.ManageUsers)
	if errors.Is(err, fault.Forbidden) {
		return refuse(ctx, w, id, err)
	}
	return err
}

func proposerStands(ctx context.Context, w *db.W, a Alias) error {
	proposer, err := account.ByID(ctx, w, a.Proposed.By)
	if err != nil && !errors.Is(err, fault.NotFound) {
		return err
	}
	grants, err := account.GrantsOf(ctx, w, a.Proposed.By)
	if err != nil {
		return err
	}
	if !proposer.Active || !grants.Reach(proposer.Organisation, account.ManageUsers).Everywhere {
		return refuse(ctx, w, a.ID, errProposerGone)
	}
	return nil
}

const selectSigned = `SELECT proposed_by FROM domain_alias WHERE signed_at > $1 AND signed_by IN (`

// mutual reports whether whoever proposed a pair signed one of whoever signs it now, within a day (attack L28).
func mutual(ctx context.Context, r db.R, me, proposer account.Person) (bool, error) {
	var args db.Arguments
	args.Add(r.Now().Add(-mutualWithin))
	sql := selectSigned + db.AddEach(&args, proposer.Accounts) + `)`
	list, err := db.All(ctx, r, db.Column[string], sql, args.List()...)
	if err != nil {
		return false, fmt.Errorf("read which aliases somebody signed: %w", err)
	}
	return slices.ContainsFunc(list, func(id string) bool { return slices.Contains(me.Accounts, id) }), nil
}

const withdrawAlias = `UPDATE domain_alias SET withdrawn_by = $2, withdrawn_name = $3, withdrawn_at = $4,
	withdrawn_reason = $5 WHERE id = $1 AND withdrawn_at IS NULL`

// Withdraw ends a pair: it proposes nothing from then on. One administrator does it alone. Links that were made stay.
func (t Table) Withdraw(ctx context.Context, by actor.Actor, id, reason string) (Alias, error) {
	reason, err := readReason(reason)
	if err != nil {
		return Alias{}, err
	}
	return db.Write(ctx, t.DB, by, func(w *db.W) (Alias, error) {
		a, err := toAct(ctx, w, id)
		if err != nil {
			return a, err
		}
		if !a.Withdrawn.At.IsZero() {
			return a, refuse(ctx, w, id, errDone)
		}
		a.Withdrawn = signature(w)
		a.WhyNot = reason
		if err := w.Change(ctx, withdrawAlias, id, a.Withdrawn.By, a.Withdrawn.Name, w.Now(), reason); err != nil {
			return a, fmt.Errorf("withdraw alias: %w", err)
		}
		if err := t.tell(ctx, w, withdrawnMail(a)); err != nil {
			return a, err
		}
		return a, w.Record(ctx, audit.Event{Kind: eventWithdrawn, Subject: Ref(id), Reason: reason,
			Before: []string{a.One, a.Other}})
	})
}

// tell mails those who manage users everywhere, but for whoever acts.
func (t Table) tell(ctx context.Context, w *db.W, m mail.Message) error {
	administrators, err := account.Administrators(ctx, w)
	if err != nil {
		return err
	}
	others := slices.DeleteFunc(administrators, func(a account.Account) bool { return a.ID == w.Actor().ID })
	return t.Post.Tell(ctx, w, m, mailbox.Addresses(others))
}

func proposedMail(a Alias) mail.Message {
	return mail.Message{
		Kind:    "alias.proposed",
		Subject: "A domain alias waits for a second signature",
		Text: a.Proposed.Name + " says that one person may have the same address in " + a.One + " and in " + a.Other +
			".\n\nTheir reason:\n\n" + mail.Quote(a.Reason) +
			"\n\nUntil another administrator signs it too, it does nothing. Log in to " +
			"the Directory of Services, choose \"Users\" and then \"Domain aliases\". Sign it only if you know " +
			"that whoever has a name before the @ in one of them has it in the other.\n",
	}
}

func signedMail(a Alias) mail.Message {
	m := mail.Message{
		Kind:    "alias.signed",
		Subject: "A domain alias counts from now on",
		Text: a.Proposed.Name + " and " + a.Signed.Name + " have signed that one person may have the same address in " +
			a.One + " and in " + a.Other + ".\n\nTheir reason:\n\n" + mail.Quote(a.Reason) +
			"\n\nSomebody whose Care Identity has the " +
			"one address is now shown the account with the other. They still have to prove that it is theirs.\n\n" +
			"If this is wrong, withdraw it: choose \"Users\" and then \"Domain aliases\".\n",
	}
	if a.Flagged {
		m.Text += "\nEach of the two signed an alias that the other had proposed, within one day. " +
			"Please look at both.\n"
	}
	return m
}

func withdrawnMail(a Alias) mail.Message {
	return mail.Message{
		Kind:    "alias.withdrawn",
		Subject: "A domain alias was withdrawn",
		Text: a.Withdrawn.Name + " has withdrawn the domain alias of " + a.One + " and " + a.Other + ".\n\nTheir " +
			"reason:\n\n" + mail.Quote(a.WhyNot) + "\n\nIt proposes no account from now on. Links that were made " +
			"before stay. The page of the alias lists them.\n",
	}
}
