package linking

import (
	"cmp"
	"context"
	"crypto/subtle"
	"errors"
	"strings"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/administration"
	"signpost/internal/dos/deciding"
	"signpost/internal/dos/signin"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/mail"
	"signpost/internal/platform/random"
	"signpost/internal/platform/tries"
	"signpost/internal/platform/when"
)

// wrongRelinkCodes is how many wrong relink codes one Care Identity may type, for whatever accounts.
var wrongRelinkCodes = tries.Limit{WrongTry: eventRelinkCodeWrong, Max: 10, First: 15 * time.Minute, Longest: time.Hour}

var (
	errRelinkCode = fault.SayCure(fault.Unauthenticated, "This username and this code do not belong together.",
		"Check both. A code works once, for 7 days; ask your DoS user administrator for another one if you need it.")
	errTooManyRelinkCodes = fault.SayCure(fault.TooMany, "Wrong codes were entered too many times.",
		"Wait 15 minutes, then try again, or ask your DoS user administrator.")
)

// AllowRelink lets an administrator allow linking without the password, and tells the holder by mail. It gives the
// relink code, which the administrator hands over: nobody else is told it, and it is not kept.
func (l *Linker) AllowRelink(ctx context.Context, by actor.Actor, id string) (code string, err error) {
	return db.Write(ctx, l.DB, by, func(w *db.W) (string, error) {
		if err := account.RequireWithin(ctx, w, account.ManageUsers, id); err != nil {
			return "", err
		}
		a, err := account.ByID(ctx, w, id)
		if err != nil {
			return "", err
		}
		if problem, err := CodeProblem(ctx, w, a); err != nil || problem != nil {
			return "", cmp.Or(err, problem)
		}
		code, err := l.allowRelink(ctx, w, a)
		if withholds(err) {
			err = refuseToLetIn(ctx, w, a, err)
		}
		if err != nil {
			return "", err
		}
		happened := "can be linked to a Care Identity without its password for 7 days, by a code that " +
			administration.Named(w.Actor()) + " made on " + when.DateTime(w.Now()) + "."
		if err := signin.TellColleagues(ctx, w, l.Post, a, happened); err != nil {
			return "", err
		}
		return code, l.tellOfRelinkCode(ctx, w, a)
	})
}

var errManyRelinkCodes = fault.SayCure(fault.TooMany,
	"Codes were made several times for this account in the last hour.",
	"The one that was made last still works, for 7 days. If nobody has it any more, make another one in an hour.")

// tellOfRelinkCode mails the holder of an account that a relink code was made, as often as the same mail may be sent
// again: no code is made of which nobody is told.
func (l *Linker) tellOfRelinkCode(ctx context.Context, w *db.W, a account.Account) error {
	err := l.Post.SendAgain(ctx, w, relinkMail(a))
	if errors.Is(err, mail.ErrAgain) {
		return errManyRelinkCodes
	}
	return err
}

// CodeFrom tells from when on another relink code can be made for an account; the zero time if it can now.
func CodeFrom(ctx context.Context, r db.R, a account.Account) (time.Time, error) {
	return mail.AgainFrom(ctx, r, relinkMail(a))
}

// allowRelink makes a relink code, for somebody who could give all that the account has, as whoever gets the code may
// come in by it, who does not vouch for another account of their own (attack L28), and was not let in a moment ago
// (attack L29).
func (l *Linker) allowRelink(ctx context.Context, w *db.W, a account.Account) (code string, err error) {
	if err := deciding.AboutAccount(ctx, w, account.ManageUsers, a.ID); err != nil {
		return "", err
	}
	if err := couldGiveAll(ctx, w, a); err != nil {
		return "", err
	}
	code = random.Code()
	return random.Grouped(code), account.AllowRelink(ctx, w, a.ID, l.relinkDigest(a.ID, code))
}

// codeRefusals word for an administrator why a relink code would open nothing.
var codeRefusals = map[Refusal]error{
	TooEarly: fault.SayCure(fault.Forbidden,
		"A code would not work yet: linking has not opened for this account.",
		"Make one when the wave of the account has come so far."),
	TeamMailbox: fault.SayCure(fault.Forbidden,
		"A code would not work: the email address of this account is a team’s, so it cannot prove who its holder is.",
		"Let the holder change it to their own work address. It can be used for linking 3 days later."),
}

// CodeProblem gives the reason why a relink code for an account would not work if it were made now; nil if it would.
func CodeProblem(ctx context.Context, r db.R, a account.Account) (problem, failed error) {
	problem, err := Problem(ctx, r, a, ByMailbox)
	if reason, is := RefusalOf(problem); is {
		problem = cmp.Or(codeRefusals[reason], problem)
	}
	return problem, err
}

// errGivesMore answers somebody who would let others in to more than they could give.
var errGivesMore = fault.SayCure(fault.Forbidden,
	"You cannot let anybody in to this account, because its holder may do more than your own account lets you give.",
	"Ask a DoS user administrator who looks after a wider area.")

// couldGiveAll is errGivesMore for an actor who could not give all that an account has.
func couldGiveAll(ctx context.Context, w *db.W, a account.Account) error {
	err := administration.CouldGiveAll(ctx, w, a)
	if errors.Is(err, fault.Forbidden) {
		return errGivesMore
	}
	return err
}

// withholds reports whether somebody is refused a relink code for an account that others may make.
func withholds(err error) bool {
	return errors.Is(err, errGivesMore) || errors.Is(err, deciding.ErrOwn) || errors.Is(err, deciding.ErrJustGiven)
}

func refuseToLetIn(ctx context.Context, w *db.W, a account.Account, problem error) error {
	refused := audit.Event{Kind: administration.Refused, Subject: account.Ref(a.ID), Reason: "let somebody in"}
	return w.Refuse(ctx, refused, problem)
}

// relinkDigest is made of the code as a person types it: case, spaces and hyphens do not count. It is stored, and keeps
// the older word.
func (l *Linker) relinkDigest(id, code string) []byte {
	return l.Post.Digest(strings.Join([]string{"leave to link", id, random.Ungrouped(code)}, "\n"))
}

// ClaimByRelinkCode takes the relink code that an administrator handed over, from somebody who came with a Care
// Identity that no account is linked to. Until it is right, nothing is told of the account, and nothing is mailed to
// its address.
func (l *Linker) ClaimByRelinkCode(
	ctx context.Context, by actor.Actor, arrived Arrival, username, code string,
) (Claim, error) {
	person := arrived.person()
	return db.Write(ctx, l.DB, naming(by, person.Subject, person.Name), func(w *db.W) (Claim, error) {
		at := tries.At{Subject: signin.CareIdentity(person)}
		count, err := wrongRelinkCodes.Of(ctx, w, at)
		if err != nil {
			return Claim{}, err
		}
		if count.Locked(w.Now()) {
			locked := audit.Event{Kind: eventRelinkCodeLocked, Subject: at.Subject}
			return Claim{}, tries.RefuseLocked(ctx, w, at, locked, count.Until, errTooManyRelinkCodes)
		}
		a, right, err := l.relinkCodeIs(ctx, w, username, code)
		if err != nil {
			return Claim{}, err
		}
		if !right {
			return Claim{}, wrongRelinkCodes.Refuse(ctx, w, at, "", errRelinkCode)
		}
		return l.claim(ctx, w, a.ID, person, ByMailbox)
	})
}

// relinkCodeIs reports whether the code is the one that was handed over for the account of a username.
func (l *Linker) relinkCodeIs(ctx context.Context, r db.R, username, code string) (account.Account, bool, error) {
	a, err := account.ByUsername(ctx, r, username)
	var digest []byte
	if err == nil {
		digest, err = account.RelinkDigest(ctx, r, a.ID)
	}
	if errors.Is(err, fault.NotFound) {
		return a, false, nil
	}
	right := subtle.ConstantTimeCompare(digest, l.relinkDigest(a.ID, code)) == 1
	return a, right && a.Active && a.Kind != account.Machine, err
}

func relinkMail(a account.Account) mail.Message {
	return mail.Message{
		Kind:    "link.leave",
		To:      a.Email,
		Subject: "You can link your Directory of Services account to your Care Identity",
		Text: "For 7 days you can link the Directory of Services account " + a.Username +
			" to your Care Identity without its password. Your DoS user administrator gives you a code for it. Log " +
			"in with your Care Identity, choose \"I have a code from my administrator\", and enter the username and " +
			"that code. Another code is then sent to this address.\n\n" +
			"If you did not ask for this, tell the service desk at once and pass no code on.\n",
	}
}
