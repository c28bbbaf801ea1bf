package apply

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"time"

	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/random"
	"signpost/internal/platform/session"
)

// What the published service allows: six codes, or six wrong entries, and then a new invitation.
const (
	codeDigits    = 6
	codeLife      = 15 * time.Minute
	maxCodes      = 6
	maxWrongCodes = 6
)

// VisitLasts is how long an applicant may go on after a right code. Then they open the link again.
const VisitLasts = 2 * time.Hour

// visit is what a browser does about an application.
type visit struct {
	Application string
	Link        string // the digest of the link that was opened: another link ends the visit
	Entered     bool   // the code that went to the telephone was typed
}

var visits = session.Flows[visit]{Name: "apply", Life: VisitLasts}

// The faults of those who apply.
var (
	ErrLink = fault.SayCure(fault.Expired, "This link does not work any more.",
		"Use the link in the newest mail, or ask whoever invited you for another one. Their address is in that mail.")
	errLocked = fault.SayCure(fault.Forbidden, "Too many codes were asked for or entered wrongly.",
		"Ask whoever invited you to invite you again. Check with them that they have your mobile number right.")
	ErrVisit = fault.SayCure(fault.Expired, "You have been away for some time, or a newer link was sent.",
		"Open the link in the newest mail again. What you answered is kept.")
	errCode    = fault.OfField("code", "This is not the code. Enter the 6 digits of the newest text message")
	errNoCode  = fault.OfField("code", "This code has expired. Send another code")
	errWaiting = fault.SayCure(fault.Conflict,
		"There is nothing to do with this link: the application has ended or stopped.",
		"Your mails say what became of it. If you do not know, contact whoever invited you.")
)

// ByLink reads the application that a link belongs to. Whoever has no such link learns nothing.
func ByLink(ctx context.Context, r db.R, token string) (Application, error) {
	a, err := db.One(ctx, r, scanApplication, selectApplication+` WHERE link_digest = $1`, random.Digest(token))
	if errors.Is(err, fault.NotFound) {
		return a, ErrLink
	}
	if err != nil {
		return a, fmt.Errorf("read application of a link: %w", err)
	}
	return a, a.opens(r.Now())
}

// opens says why the link of an application has nothing to open at a time.
func (a Application) opens(now time.Time) error {
	if err := a.closed(now); err != nil {
		return err
	}
	if _, possible := next(a.At(now), a.State, enter, Applicant); !possible {
		return errWaiting
	}
	return nil
}

// closed says why the link of an application opens nothing at a time.
func (a Application) closed(now time.Time) error {
	switch {
	case a.At(now) == PhoneLocked:
		return errLocked
	case !now.Before(a.LinkEnds):
		return ErrLink
	}
	return nil
}

// Open begins a visit by the link, and sends a code to the applicant's telephone. It gives the cookie of the visit.
func (d *Desk) Open(ctx context.Context, by actor.Actor, token string) (cookie string, err error) {
	return db.Write(ctx, d.DB, by, func(w *db.W) (string, error) {
		a, err := ByLink(ctx, w, token)
		if err != nil {
			return "", err
		}
		id, secret, err := visits.Start(ctx, w, visit{
			Application: a.ID, Link: fmt.Sprintf("%x", random.Digest(token)),
		})
		if err != nil {
			return "", err
		}
		return session.Cookie(id, secret), d.sendCode(ctx, w, a)
	})
}

const putCode = `UPDATE application SET code_digest = $2, code_ends_at = $3, codes_sent = codes_sent + 1
	WHERE id = $1`

// sendCode sends a code, which takes the place of the one before. The one too many locks the telephone.
func (d *Desk) sendCode(ctx context.Context, w *db.W, a Application) error {
	if a.codesSent >= maxCodes {
		return w.RefuseLeaving(ctx, errLocked, func(ctx context.Context) error {
			return d.lock(ctx, w, a, "too many codes were asked for",
				`UPDATE application SET codes_sent = codes_sent + 1 WHERE id = $1`)
		})
	}
	code := random.Digits(codeDigits)
	if err := w.Change(ctx, putCode, a.ID, d.codeDigest(a, code), w.Now().Add(codeLife)); err != nil {
		return fmt.Errorf("keep code of application: %w", err)
	}
	if err := d.Post.Send(ctx, w, textCode(a.Mobile, code)); err != nil {
		return err
	}
	return w.Record(ctx, audit.Event{Kind: eventCodeSent, Subject: Ref(a.ID)})
}

func (d *Desk) codeDigest(a Application, code string) []byte {
	return d.Box.Digest("application code\n" + a.ID + "\n" + code)
}

// lock notes that the telephone is locked, and tells the inviter, where that is new.
func (d *Desk) lock(ctx context.Context, w *db.W, a Application, reason, count string) error {
	was := a.At(w.Now())
	if err := w.Change(ctx, count, a.ID); err != nil {
		return fmt.Errorf("lock application: %w", err)
	}
	now, err := ByID(ctx, w, a.ID)
	if err != nil {
		return err
	}
	if now.At(w.Now()) != PhoneLocked || was == PhoneLocked {
		return w.RecordRefusal(ctx, audit.Event{Kind: eventCodeWrong, Subject: Ref(a.ID), Reason: reason})
	}
	if err := d.tellInviter(ctx, w, now, "its link is locked, as "+reason+".",
		"Check the mobile number with the applicant, then invite them again."); err != nil {
		return err
	}
	return w.RecordRefusal(ctx, audit.Event{Kind: eventLocked, Subject: Ref(a.ID), Reason: reason})
}

// SendAgain sends another code to the applicant of a visit.
func (d *Desk) SendAgain(ctx context.Context, by actor.Actor, cookie string) error {
	return d.DB.Update(ctx, by, func(w *db.W) error {
		_, a, err := visiting(ctx, w, cookie)
		if err != nil {
			return err
		}
		return d.sendCode(ctx, w, a)
	})
}

// EnterCode takes the code that went to the telephone.
func (d *Desk) EnterCode(ctx context.Context, by actor.Actor, cookie, typed string) error {
	return d.DB.Update(ctx, by, func(w *db.W) error {
		v, a, err := visiting(ctx, w, cookie)
		if err != nil || v.State.Entered {
			return err
		}
		switch {
		case len(a.codeDigest) == 0, !w.Now().Before(a.codeEnds):
			return errNoCode
		case subtle.ConstantTimeCompare(d.codeDigest(a, random.Ungrouped(typed)), a.codeDigest) != 1:
			return w.RefuseLeaving(ctx, errCode, func(ctx context.Context) error {
				return d.lock(ctx, w, a, "a wrong code was entered", countWrong)
			})
		}
		if err := d.move(ctx, w, &a, enter, Applicant); err != nil {
			return err
		}
		if err := w.Change(ctx, useCode, a.ID); err != nil {
			return fmt.Errorf("use code of application: %w", err)
		}
		v.State.Entered = true
		if err := visits.Save(ctx, w, &v); err != nil {
			return err
		}
		return w.Record(ctx, audit.Event{Kind: eventEntered, Subject: Ref(a.ID)})
	})
}

const (
	countWrong = `UPDATE application SET codes_wrong = codes_wrong + 1 WHERE id = $1`
	useCode    = `UPDATE application SET code_digest = NULL, codes_sent = 0, codes_wrong = 0 WHERE id = $1`
)

// visiting reads the application of a visit, unless its link has ended or another one was sent.
func visiting(ctx context.Context, r db.R, cookie string) (v session.Flow[visit], a Application, err error) {
	id, secret := session.Split(cookie)
	v, err = visits.Load(ctx, r, id, secret)
	if errors.Is(err, fault.Expired) {
		return v, a, ErrVisit
	}
	if err != nil {
		return v, a, err
	}
	const linked = `SELECT link_digest FROM application WHERE id = $1`
	digest, err := db.Value[[]byte](ctx, r, linked, v.State.Application)
	if errors.Is(err, fault.NotFound) {
		return v, a, ErrVisit
	}
	if err != nil {
		return v, a, fmt.Errorf("read link of application: %w", err)
	}
	if fmt.Sprintf("%x", digest) != v.State.Link {
		return v, a, ErrVisit
	}
	a, err = ByID(ctx, r, v.State.Application)
	if err != nil {
		return v, a, err
	}
	return v, a, a.closed(r.Now())
}

// entered is visiting for what only somebody does who has typed the code.
func entered(ctx context.Context, r db.R, cookie string) (Application, error) {
	v, a, err := visiting(ctx, r, cookie)
	if err == nil && !v.State.Entered {
		err = ErrVisit
	}
	return a, err
}

// Waits reports whether a visit waits for the code, and gives the end of the number that it went to.
func Waits(ctx context.Context, r db.R, cookie string) (ending string, waits bool, err error) {
	v, a, err := visiting(ctx, r, cookie)
	if err != nil {
		return "", false, err
	}
	return a.MobileEnding(), !v.State.Entered, nil
}
