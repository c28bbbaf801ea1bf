package linking

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"signpost/internal/dos/account"
	"signpost/internal/dos/account/mailbox"
	"signpost/internal/dos/review"
	"signpost/internal/dos/signin"
	"signpost/internal/national/cis2"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/email"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/mail"
	"signpost/internal/platform/mailcode"
	"signpost/internal/platform/session"
)

// ErrFinished answers a request that comes second, most often of a second click: what it asks for is done.
var ErrFinished = fault.SayCure(fault.Expired, "This is done already.", "Go on from the first page.")

// errCeremonyEnded answers a confirmation on a browser without a ceremony.
var errCeremonyEnded = fault.SayCure(fault.Expired,
	"This link was not started in this browser, took too long, or is done already.",
	"Log in with your Care Identity. If your account is not linked, you can then start again.")

// Link completes a ceremony: it joins the account and the care identity, ends every session of the account, and
// removes its password. If several requests try at once, one of them succeeds and the others are ErrFinished.
func (l *Linker) Link(ctx context.Context, by actor.Actor, cookie, code string) (account.Account, error) {
	started, err := l.FindCeremony(ctx, cookie)
	if err != nil {
		return account.Account{}, err
	}
	if err := started.mayGoOn(by); err != nil {
		return account.Account{}, err
	}
	stands, err := l.standing(ctx, started)
	if err != nil {
		return account.Account{}, err
	}
	ambiguous, err := l.ambiguous(ctx, started)
	if err != nil {
		return account.Account{}, err
	}
	by = naming(by, started.AccountID, started.Name)
	end, err := db.Write(ctx, l.DB, by, func(w *db.W) (end ending, err error) {
		flow, err := loadCeremony(ctx, w, cookie)
		if err != nil {
			return end, err
		}
		if end.account, err = account.ByID(ctx, w, flow.State.AccountID); err != nil {
			return end, err
		}
		if !stands {
			return end, refuseLink(ctx, w, end.account, flow.State.person(), refusals[IdentityEnded])
		}
		end.held, err = l.finish(ctx, w, end.account, flow, code, ambiguous)
		return end, err
	})
	if err == nil && end.held {
		err = refusals[HeldBack]
	}
	return end.account, err
}

// JoinRequested links an account that was made for a request to the Care Identity of whoever asked for it, as a part of
// an Update whose caller has seen that the request was approved, and that whoever approved it saw the doubts. Its
// control is a code to its address and the approval (rule R3).
func (l *Linker) JoinRequested(
	ctx context.Context, w *db.W, a account.Account, p cis2.Person, doubts []review.Kind,
) error {
	pair := Pair{Account: a, Person: p, Control: ByRequest}
	problem, err := pair.problem(ctx, w)
	if err != nil {
		return err
	}
	if problem != nil {
		return refuseLink(ctx, w, a, p, problem)
	}
	c := requested(a, p)
	if c.NamesDiffer {
		names := Names{Account: a.Name(), CareIdentity: p.Name, Issuer: p.Issuer, Subject: p.Subject}
		event := audit.Event{Kind: NamesDiffer, Subject: account.Ref(a.ID), After: names}
		if err := w.Record(ctx, event); err != nil {
			return err
		}
	}
	if len(doubts) > 0 {
		c.Reviewed = review.Titles(doubts) + ": an administrator approved the request in spite of it"
	}
	return l.join(ctx, w, a, c)
}

// requested is the ceremony that stands for a request.
func requested(a account.Account, p cis2.Person) Ceremony {
	return Ceremony{
		AccountID: a.ID, AccountEmail: a.Email, Issuer: p.Issuer, Subject: p.Subject, Name: p.Name, Email: p.Email,
		EmailVerified: p.EmailVerified, IdentityLevel: p.IdentityLevel, Control: ByRequest,
		NamesDiffer: !SameName(a, p), NeedsCode: true,
	}
}

// RequestPast lists who had one of the addresses of a request before. Its account may not have been made yet; then it
// has what was typed.
func RequestPast(
	ctx context.Context, r db.R, post *mail.Post, a account.Account, p cis2.Person,
) ([]mailbox.PastHolder, error) {
	c := requested(a, p)
	return review.PastHolders(ctx, r, post, c.link(a), mailbox.KeysOf(a.EmailKey, c.Email))
}

// RequestDoubts lists why somebody has to look at the link of a request.
func RequestDoubts(a account.Account, p cis2.Person, past []mailbox.PastHolder, several bool) []review.Kind {
	return kindsOf(past, several, a.Email, p.Email)
}

// ending is how a ceremony ended: the account is linked, or the link is held until a person has looked at it.
type ending struct {
	account account.Account
	held    bool
}

// finish checks everything again as it is now, uses up the code and the ceremony, and joins the two, unless a rule
// holds the link.
func (l *Linker) finish(
	ctx context.Context, w *db.W, a account.Account, flow session.Flow[Ceremony], code string, ambiguous bool,
) (held bool, err error) {
	if err := l.proved(ctx, w, a, flow, code); err != nil {
		return false, err
	}
	held, err = l.hold(ctx, w, a, &flow, ambiguous)
	if err != nil || held {
		return held, err
	}
	flow.State.Finished = true
	if err := Ceremonies.Save(ctx, w, &flow); err != nil {
		return false, fmt.Errorf("end link ceremony: %w", err)
	}
	return false, l.join(ctx, w, a, flow.State)
}

// proved checks all proofs of a ceremony as they are now, and uses up the code.
func (l *Linker) proved(
	ctx context.Context, w *db.W, a account.Account, flow session.Flow[Ceremony], code string,
) error {
	c := flow.State
	person := c.person()
	if err := mayLink(ctx, w, Pair{Account: a, Person: person, Control: c.Control}); err != nil {
		return err
	}
	if err := l.stands(ctx, w, a, c.claim()); err != nil {
		return err
	}
	if a.Email != c.AccountEmail {
		return refuseLink(ctx, w, a, person, refusals[Overtaken])
	}
	if c.NamesAsked() {
		return refuseLink(ctx, w, a, person, ErrNames)
	}
	if c.NeedsCode {
		purpose := account.ForLink.Within(flow.ID)
		if _, err := mailcode.Use(ctx, w, l.Post, purpose, account.Ref(a.ID), code); err != nil {
			return err
		}
	}
	return nil
}

// join stores the link with its record, ends every session (rule R5), and mails both addresses (rule R12).
func (l *Linker) join(ctx context.Context, w *db.W, a account.Account, c Ceremony) error {
	err := account.AddLink(ctx, w, c.link(a))
	if errors.Is(err, account.ErrLinked) {
		return refuseLink(ctx, w, a, cis2.Person{Issuer: c.Issuer, Subject: c.Subject}, refusals[AlreadyLinked])
	}
	if err != nil {
		return err
	}
	if _, err := signin.Sessions.EndSubject(ctx, w, a.ID, signin.EndedByLink); err != nil {
		return fmt.Errorf("end sessions at link: %w", err)
	}
	if err := l.keepRecord(ctx, w, a, c); err != nil {
		return err
	}
	return l.tellLinked(ctx, w, a, c)
}

// tellLinked mails both addresses whose account and whose Care Identity were linked. The second may be of
// somebody who knows nothing of it.
func (l *Linker) tellLinked(ctx context.Context, w *db.W, a account.Account, c Ceremony) error {
	if err := l.Post.Send(ctx, w, linkedMail(a, c)); err != nil {
		return err
	}
	if address := theirAddress(c); address != "" && address != a.Email {
		return l.Post.Send(ctx, w, usedMail(address, a, c))
	}
	return nil
}

// theirAddress is the address of the Care Identity of a ceremony; empty if it has none.
func theirAddress(c Ceremony) string {
	address, err := email.Parse(c.Email)
	if err != nil {
		return ""
	}
	return address.String()
}

// linkText names the account and the Care Identity of a link.
func linkText(a account.Account, c Ceremony) string {
	return "account " + a.Username + " (" + a.Name() + ") is now linked to the Care Identity of " + c.Name +
		", number ending " + LastDigits(c.Subject)
}

// LastDigits is as much of the number of a Care Identity as is told to people whose it may not be.
func LastDigits(subject string) string { return subject[max(0, len(subject)-3):] }

// linkedMail is to the account's address. The account is as it was before the link: it may have had no password.
func linkedMail(a account.Account, c Ceremony) mail.Message {
	opens := "From now on, only that Care Identity opens the account."
	if a.PasswordHash != "" {
		opens += " The old password no longer works."
	}
	return mail.Message{
		Kind:    "link.made",
		To:      a.Email,
		Subject: "Your Directory of Services account is linked to a Care Identity",
		Text: "The Directory of Services " + linkText(a, c) + ". " + opens + "\n\n" +
			"If that is not your Care Identity, undo the link within 30 days: go to the first page of the Directory " +
			"of Services and choose \"Undo a link\". You do not have to log in: we send a code to this address.\n\n" +
			"If you did not expect this, also tell the service desk at once.\n",
	}
}

func usedMail(to string, a account.Account, c Ceremony) mail.Message {
	return mail.Message{
		Kind:    "link.made",
		To:      to,
		Subject: "Your Care Identity is linked to a Directory of Services account",
		Text: "The Directory of Services " + linkText(a, c) + ". Whoever uses that Care Identity now opens the " +
			"account.\n\n" +
			"If that is not your account, or you did not link it, raise a ticket with the service desk at once. " +
			"Begin its title with MFA-DoS.\n",
	}
}

// Move is a link that is to open another account of the same person than it does.
type Move struct {
	Link account.Link    // as it is
	To   account.Account // which it is to open
	How  string          // what it is stored to be proved by there
	Back bool            // it opened that account before: what was doubted about the two was decided then
}

var (
	errMoveWaits = fault.SayCure(fault.Conflict, "A link of one of the two accounts waits for a reviewer.",
		"Decide about it first. It stands in the list of link reviews.")
	errMoveRefused = fault.SayCure(fault.Forbidden,
		"The link cannot be moved: a reviewer decided in the last 7 days that it is not the holder’s.",
		"Look at what they decided. An account that somebody else can open is to be deactivated.")
	errMoveDoubtful = fault.SayCure(fault.Forbidden,
		"The link cannot be moved: one of its addresses was somebody else’s before, came with another Care Identity, "+
			"or only looks like the other.",
		"Let the holder link the account by themselves. The rule then gives the link to a reviewer.")
	errMoveEnded = fault.SayCure(fault.Forbidden, "The Care Identity whose link would move is not active any more.",
		"Its registration authority knows why.")
	errMoveSuspended = fault.SayCure(fault.Forbidden,
		"The Care Identity whose link would move was suspended or closed since it was linked, and nobody has approved "+
			"the link since.",
		"Let the holder log in with it. The link then waits for a reviewer.")
	errMoveNotAsked = fault.SayCure(fault.Unavailable,
		"We cannot find out at the moment whether the Care Identity is still active. Nothing was changed.",
		"Try again in a few minutes.")
)

// moveRefusals word for an administrator why no link may come to an account.
var moveRefusals = map[Refusal]error{
	SharedAccount: fault.SayCure(fault.Forbidden, "The link cannot be moved to a shared account.",
		"Choose an account of one person."),
	TooEarly: fault.SayCure(fault.Forbidden,
		"The link cannot be moved: linking has not opened yet for the account that it would open.",
		"Wait until its wave has come so far, or keep the other account."),
	AlreadyLinked: fault.SayCure(fault.Conflict, "The account to which the link would move is linked already.",
		"If that link is wrong, undo it first."),
	TeamMailbox: fault.SayCure(fault.Forbidden,
		"The link cannot be moved: the email address of the account that it would open is a team’s, so it cannot "+
			"prove who its holder is.",
		"Let the holder change it to their own work address. It can be used for linking 3 days later."),
	HeldBack: fault.SayCure(fault.Forbidden,
		"The link cannot be moved: a reviewer has refused a link of these two in the last 7 days, or has yet to "+
			"decide about one.",
		"Look at it in the list of link reviews."),
}

func (m Move) pair() Pair {
	return Pair{
		Account: m.To, Control: ByMerge, From: m.Link.AccountID,
		Person: cis2.Person{Issuer: m.Link.Issuer, Subject: m.Link.Subject, Email: m.Link.TheirEmail,
			IdentityLevel: signin.MinIdentityLevel}, // which was checked when it was linked
	}
}

// Problem gives the reason why a link cannot be moved, whoever asks for it; nil if it can.
func (m Move) Problem(ctx context.Context, r db.R, post *mail.Post) (problem, failed error) {
	problem, err := Waits(ctx, r, m.Link.AccountID, m.To.ID)
	if err != nil || problem != nil {
		return problem, err
	}
	problem, err = m.pair().problem(ctx, r)
	if reason, is := RefusalOf(problem); is {
		return cmp.Or(moveRefusals[reason], problem), err
	}
	problem = whyCannot(problem, m.To)
	if err != nil || problem != nil || m.Back {
		return problem, err
	}
	stops, err := review.Stops(ctx, r, m.Link.AccountID, m.Link.Identity())
	if err != nil || stops {
		return only(stops, errMoveRefused), err
	}
	return m.doubt(ctx, r, post)
}

// doubt gives the reason why a reviewer would have to look at the link, so that none comes by a move that a ceremony
// would hold.
func (m Move) doubt(ctx context.Context, r db.R, post *mail.Post) (problem, failed error) {
	link := m.Link
	link.AccountID = m.To.ID
	past, err := review.PastHolders(ctx, r, post, link, mailbox.KeysOf(m.To.EmailKey, link.TheirEmail))
	if err != nil {
		return nil, err
	}
	past = slices.DeleteFunc(past, func(h mailbox.PastHolder) bool { return h.AccountID == m.Link.AccountID })
	return only(len(kindsOf(past, false, m.To.Email, link.TheirEmail)) > 0, errMoveDoubtful), nil
}

// Waits gives the reason why nothing is done to some accounts while a link of one of them waits for a reviewer; nil if
// none does.
func Waits(ctx context.Context, r db.R, ids ...string) (problem, failed error) {
	for _, id := range ids {
		waits, err := review.WaitsFor(ctx, r, id)
		if err != nil || waits {
			return only(waits, errMoveWaits), err
		}
	}
	return nil, nil
}

// StandingOf asks, before the Update that moves it, what the care identity side says of the Care Identity of a link.
func (l *Linker) StandingOf(ctx context.Context, link account.Link) (Standing, error) {
	s, err := l.ask(ctx, link.AccountID, link.Subject)
	if err != nil {
		err = errors.Join(errMoveNotAsked, err)
	}
	return s, err
}

// Move moves a link, with the cases about it, as a part of an Update whose caller has the proofs of both accounts and
// ends the sessions of both. What stops a link at the door, or anybody from making it, stops its move.
func (l *Linker) Move(ctx context.Context, w *db.W, m Move, s Standing, reason string) error {
	problem, err := s.problem(ctx, w, m.Link)
	if err == nil && problem == nil {
		problem, err = m.Problem(ctx, w, l.Post)
	}
	if err != nil || problem != nil {
		return errors.Join(err, problem)
	}
	if err := account.MoveLink(ctx, w, m.Link, m.To.ID, m.How, reason); err != nil {
		return err
	}
	if err := review.Move(ctx, w, m.Link, m.To.ID); err != nil {
		return err
	}
	moved := m.Link
	moved.AccountID = m.To.ID
	return mailbox.BuryLinked(ctx, w, l.Post, moved, mailbox.KeysOf(m.To.EmailKey, moved.TheirEmail))
}
