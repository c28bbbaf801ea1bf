package authenticator

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"strings"
	"time"

	"signpost/internal/national/authn"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/random"
	"signpost/internal/platform/tries"
)

// How long a temporary access pass may last, and how long one waits for the second person.
const (
	MaxPassHours = 24
	passWaits    = 24 * time.Hour
	passLinkLife = 30 * time.Minute
)

// The witnesses of links that people get by themselves.
const (
	ByPass Witness = "access-pass" // for a temporary access pass
	BySelf Witness = "self"        // having just logged in at the level of what they add, or a higher one
)

// The kinds of events of temporary access passes.
const (
	eventPassAsked   audit.Kind = "authenticator.pass-asked"
	eventPassMade    audit.Kind = "authenticator.pass-made"
	eventPassUsed    audit.Kind = "authenticator.pass-used"
	eventPassRefused audit.Kind = "authenticator.pass-refused"
)

// wrongPasses is how wrong tries end a pass: it is locked for longer than it lasts.
var wrongPasses = tries.Limit{
	WrongTry: eventPassRefused, Max: 20, First: (MaxPassHours + 1) * time.Hour, Longest: (MaxPassHours + 1) * time.Hour,
}

// strangersPasses bounds the events of passes that were typed for nobody who has one, as strangers do without end.
var strangersPasses = tries.Limit{WrongTry: eventPassRefused, Max: 100, First: time.Hour, Longest: time.Hour}

var noPass = tries.At{Subject: audit.Ref{Kind: "access-pass", ID: "none"}}

// WrongPass says that a pass is not right, whatever is wrong with it.
var WrongPass = fault.Keyed("access-pass", fault.OfField("pass",
	"The email address or the pass is not right, or the pass was used or has ended"))

// Pass lets somebody add one authenticator who has none that works. It proves nothing at a login.
type Pass struct {
	ID        string
	UUID      string
	Kinds     []authn.Kind
	Lasts     time.Duration
	AskedBy   string // number of a care identity
	Asked     time.Time
	Reason    string    // how they know whom it is for, as they put it
	MadeBy    string    // of whom it was shown to
	Made      time.Time // zero while it waits for a second person
	Ends      time.Time
	Used      time.Time
	Withdrawn time.Time
	Spent     time.Time // when wrong tries made it worthless; zero if they did not, and where PassesOf did not read it
}

// PassState says what became of a pass.
type PassState string

// The states of a pass.
const (
	PassWaits     PassState = "waits" // for a second person
	PassWorks     PassState = "works"
	PassUsed      PassState = "used"
	PassWithdrawn PassState = "withdrawn"
	PassEnded     PassState = "ended"
	PassSpent     PassState = "spent" // by wrong tries
)

// StateAt gives the state at a time, and since when, or until when it works or waits.
func (p Pass) StateAt(now time.Time) (PassState, time.Time) {
	switch {
	case !p.Used.IsZero():
		return PassUsed, p.Used
	case !p.Withdrawn.IsZero():
		return PassWithdrawn, p.Withdrawn
	case !now.Before(p.Ends):
		return PassEnded, p.Ends
	case p.Made.IsZero():
		return PassWaits, p.Ends
	case !p.Spent.IsZero():
		return PassSpent, p.Spent
	}
	return PassWorks, p.Ends
}

const insertPass = `INSERT INTO authenticator_pass (id, uuid, kinds, lasts, asked_by, asked_at, made_by, ends_at,
	reason) VALUES ($1, $2, $3, $4, $5, $6, '', $7, $8)`

const endPasses = `UPDATE authenticator_pass SET ends_at = $2, withdrawn_at = $2
	WHERE uuid = $1 AND used_at IS NULL AND ends_at > $2`

// AskForPass keeps that somebody asked for a pass, which does not work before MakePass, and gives its id. Older links
// and passes of that identity end. It is a part of an Update whose caller has made sure that its actor may do this.
func AskForPass(
	ctx context.Context, w *db.W, uuid string, kinds []authn.Kind, lasts time.Duration, reason string,
) (id string, err error) {
	if lasts <= 0 || lasts > MaxPassHours*time.Hour || len(kinds) == 0 {
		return "", fmt.Errorf("ask for a pass of %s for %v", lasts, kinds)
	}
	if err := EndInvitations(ctx, w, uuid); err != nil {
		return "", err
	}
	id = random.ID()
	_, err = w.Exec(ctx, insertPass, id, uuid, joined(kinds), int64(lasts.Seconds()), w.Actor().ID, w.Now(),
		w.Now().Add(passWaits), reason)
	if err != nil {
		return "", fmt.Errorf("ask for pass: %w", err)
	}
	return id, w.Record(ctx, audit.Event{Kind: eventPassAsked, Subject: audit.Ref{Kind: "identity", ID: uuid},
		Reason: reason, After: map[string]any{"pass": id, "kinds": kinds, "lasts": lasts.String()}})
}

const makePass = `UPDATE authenticator_pass SET made_by = $2, made_at = $3, digest = $4, ends_at = $5
	WHERE id = $1 AND made_at IS NULL AND withdrawn_at IS NULL AND ends_at > $3`

// MakePass makes a pass that was asked for, and gives it, to be read aloud, and its end. It is kept as a digest alone.
func MakePass(ctx context.Context, w *db.W, p Pass) (pass string, ends time.Time, err error) {
	pass = random.Code()
	ends = w.Now().Add(p.Lasts)
	err = w.Change(ctx, makePass, p.ID, w.Actor().ID, w.Now(), passDigest(p.UUID, pass), ends)
	if err != nil {
		return "", ends, fmt.Errorf("make pass: %w", err)
	}
	if err := wrongPasses.ForgetAll(ctx, w, passAt(p.UUID).Subject); err != nil { // they were at another pass
		return "", ends, err
	}
	if err := Tell(ctx, w, Notice{UUID: p.UUID, Change: WasPassMade}); err != nil {
		return "", ends, err
	}
	return random.Grouped(pass), ends, w.Record(ctx, audit.Event{
		Kind: eventPassMade, Subject: audit.Ref{Kind: "identity", ID: p.UUID},
		After: map[string]any{"pass": p.ID, "ends": ends, "asked_by": p.AskedBy},
	})
}

func passDigest(uuid, pass string) []byte { return random.Digest(uuid + "/" + random.Ungrouped(pass)) }

const selectPass = `SELECT id, uuid, kinds, lasts, asked_by, asked_at, reason, made_by, made_at, ends_at, used_at,
	withdrawn_at FROM authenticator_pass`

func scanPass(scan db.Scanner) (p Pass, err error) {
	var kinds string
	var seconds int64
	err = scan(&p.ID, &p.UUID, &kinds, &seconds, &p.AskedBy, db.At(&p.Asked), &p.Reason, &p.MadeBy, db.At(&p.Made),
		db.At(&p.Ends), db.At(&p.Used), db.At(&p.Withdrawn))
	for k := range strings.FieldsSeq(kinds) {
		p.Kinds = append(p.Kinds, authn.Kind(k))
	}
	p.Lasts = time.Duration(seconds) * time.Second
	return p, err
}

// PassByID reads a pass, or gives fault.NotFound.
func PassByID(ctx context.Context, r db.R, id string) (Pass, error) {
	p, err := db.One(ctx, r, scanPass, selectPass+` WHERE id = $1`, id)
	if err != nil {
		return p, fmt.Errorf("read pass: %w", err)
	}
	return p, nil
}

// PassesOf lists the newest passes of a care identity, the newest first.
func PassesOf(ctx context.Context, r db.R, uuid string, limit int) ([]Pass, error) {
	list, err := db.All(ctx, r, scanPass, selectPass+` WHERE uuid = $1 ORDER BY asked_at DESC, id DESC LIMIT $2`,
		uuid, limit)
	if err != nil {
		return nil, fmt.Errorf("list passes: %w", err)
	}
	for n, p := range list {
		if state, _ := p.StateAt(r.Now()); state != PassWorks {
			continue
		}
		wrong, err := wrongPasses.Of(ctx, r, passAt(uuid))
		if err != nil {
			return nil, err
		}
		if wrong.Locked(r.Now()) {
			list[n].Spent = wrong.Until.Add(-wrongPasses.First)
		}
	}
	return list, nil
}

// livePass is a pass that works, with what it is compared by.
type livePass struct {
	id     string
	uuid   string
	digest []byte
}

const selectLivePasses = `SELECT id, uuid, digest FROM authenticator_pass WHERE made_at IS NOT NULL
	AND used_at IS NULL AND withdrawn_at IS NULL AND ends_at > `

func livePasses(ctx context.Context, r db.R, uuids []string) ([]livePass, error) {
	if len(uuids) == 0 {
		return nil, nil
	}
	var args db.Arguments
	query := selectLivePasses + args.Add(r.Now()) + ` AND uuid IN (` + db.AddEach(&args, uuids) + `) ORDER BY id`
	list, err := db.All(ctx, r, func(scan db.Scanner) (p livePass, err error) {
		err = scan(&p.id, &p.uuid, &p.digest)
		return p, err
	}, query, args.List()...)
	if err != nil {
		return nil, fmt.Errorf("read live passes: %w", err)
	}
	return list, nil
}

const usePass = `UPDATE authenticator_pass SET used_at = $2
	WHERE id = $1 AND used_at IS NULL AND withdrawn_at IS NULL AND ends_at > $2`

// UsePass uses up the pass that somebody typed who may be any of several care identities, and gives the path of a link
// by which they add one authenticator within half an hour. A wrong one is counted, and too many end the pass. Of any
// number that try at once, one succeeds.
func UsePass(ctx context.Context, w *db.W, uuids []string, typed string) (path string, err error) {
	live, err := livePasses(ctx, w, uuids)
	if err != nil {
		return "", err
	}
	for _, p := range live {
		count, err := wrongPasses.Of(ctx, w, passAt(p.uuid))
		if err != nil {
			return "", err
		}
		right := subtle.ConstantTimeCompare(p.digest, passDigest(p.uuid, typed)) == 1
		if right && !count.Locked(w.Now()) {
			return usedPass(ctx, w, p)
		}
	}
	return "", w.RefuseLeaving(ctx, WrongPass, func(ctx context.Context) error {
		if len(live) == 0 {
			e := audit.Event{Kind: eventPassRefused, Subject: noPass.Subject, Reason: "there is no pass"}
			_, err := strangersPasses.Record(ctx, w, noPass, e)
			return err
		}
		for _, p := range live {
			if err := wrongPasses.Count(ctx, w, passAt(p.uuid), "a wrong pass", nil); err != nil {
				return err
			}
		}
		return nil
	})
}

// passAt is where wrong passes are counted.
func passAt(uuid string) tries.At { return tries.At{Subject: audit.Ref{Kind: "identity", ID: uuid}} }

func usedPass(ctx context.Context, w *db.W, p livePass) (path string, err error) {
	if err := w.Change(ctx, usePass, p.id, w.Now()); err != nil {
		if errors.Is(err, fault.Conflict) {
			return "", WrongPass
		}
		return "", fmt.Errorf("use pass: %w", err)
	}
	pass, err := PassByID(ctx, w, p.id)
	if err != nil {
		return "", err
	}
	if err := wrongPasses.ForgetAll(ctx, w, passAt(p.uuid).Subject); err != nil {
		return "", err
	}
	if err := Tell(ctx, w, Notice{UUID: p.uuid, Change: WasPassUsed}); err != nil {
		return "", err
	}
	used := audit.Event{Kind: eventPassUsed, Subject: audit.Ref{Kind: "identity", ID: p.uuid},
		After: map[string]any{"pass": p.id}}
	if err := w.Record(ctx, used); err != nil {
		return "", err
	}
	return invite(ctx, w, ByPass, passLinkLife, p.uuid, pass.Kinds)
}

// InviteSelf makes a link by which the actor adds another authenticator to their own care identity within half an hour.
// It is a part of an Update whose caller has made sure that they may.
func InviteSelf(ctx context.Context, w *db.W, kinds ...authn.Kind) (path string, err error) {
	return invite(ctx, w, BySelf, passLinkLife, w.Actor().ID, kinds)
}
