// Package authenticator keeps the authenticators of care identities: which there are, the level of each, whether it
// may be used, and the one-time links by which new ones are bound.
//
// How a kind is bound and proved stands in a folder of its own: webauthn, totp. The package does not know which
// service anybody signs in to, nor who may invite; its callers decide that.
package authenticator

import (
	"context"
	"errors"
	"fmt"
	"time"

	"signpost/internal/careid/change"
	"signpost/internal/careid/identity/equipment"
	"signpost/internal/national/authn"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/random"
	"signpost/internal/platform/tries"
)

// Status says whether an authenticator may be used.
type Status string

// The statuses. An authenticator begins active; removed is for good.
const (
	Active    Status = "active"
	Suspended Status = "suspended"
	Removed   Status = "removed"
)

// Authenticator is one thing that a care identity can prove itself with.
type Authenticator struct {
	ID        string
	UUID      string // of the care identity
	Kind      authn.Kind
	Level     authn.Level // of a sign-in with it
	Why       authn.Why   // it is lower than the kind can have
	Model     authn.Model
	Name      string // the person's own name for it
	Status    Status
	Simulated bool // a stand-in of the demo, without any secret
	BoundAt   time.Time
	Used      time.Time // for the first time; zero while it was not
	Locked    bool      // after too many wrong tries, for now; for strangers, if it was read for no browser
	Until     time.Time // when the lock ends

	at            tries.At // where its wrong tries are counted
	hasWrongTries bool
}

// LevelText is the level as people read it, with why it is lower than the kind can have: "AAL2 (it can be copied to
// other devices)".
func (a Authenticator) LevelText() string {
	text := a.Level.String()
	if a.Why != "" {
		text += " (" + a.Why.Text() + ")"
	}
	return text
}

// The kinds of events that this package records.
const (
	eventBound     audit.Kind = "authenticator.bound"
	eventLevel     audit.Kind = "authenticator.level"
	eventActive    audit.Kind = "authenticator.active"
	eventSuspended audit.Kind = "authenticator.suspended"
	eventRemoved   audit.Kind = "authenticator.removed"
	eventInvited   audit.Kind = "authenticator.invited"
	eventUnlocked  audit.Kind = "authenticator.unlocked"

	eventInvitationWithdrawn audit.Kind = "authenticator.invitation-withdrawn"
)

// Ref names an authenticator in events.
func Ref(id string) audit.Ref { return audit.Ref{Kind: "authenticator", ID: id} }

// selectAuthenticators selects authenticators with their wrong tries. browser is the place of the argument with the id
// of the browser that they are read for.
func selectAuthenticators(browser string) string {
	return `SELECT a.id, a.uuid, a.kind, a.level, a.level_why, a.model, a.name, a.status, a.simulated, a.bound_at,
		a.first_used_at, ` +
		tries.Columns + ` FROM authenticator a` + wrongTries.Join("a.id", browser)
}

// OfIdentity lists the authenticators of a care identity that were not removed, the oldest first.
func OfIdentity(ctx context.Context, r db.R, uuid string) ([]Authenticator, error) {
	const ofIdentity = ` WHERE a.uuid = $1 AND a.status <> $2 ORDER BY a.bound_at, a.id`
	scan := scanFor(r.Now(), tries.Browser{})
	list, err := db.All(ctx, r, scan, selectAuthenticators("$3")+ofIdentity, uuid, string(Removed), "")
	if err != nil {
		return nil, fmt.Errorf("list authenticators: %w", err)
	}
	return list, nil
}

// OfIdentities lists the authenticators of several care identities as OfIdentity does, by the identities' numbers.
func OfIdentities(ctx context.Context, r db.R, uuids []string) (map[string][]Authenticator, error) {
	var args db.Arguments
	where := ` WHERE a.status <> ` + args.Add(string(Removed)) + ` AND a.uuid IN (` + db.AddEach(&args, uuids) + `)`
	scan := scanFor(r.Now(), tries.Browser{})
	list, err := db.All(ctx, r, scan, selectAuthenticators(args.Add(""))+where+` ORDER BY a.bound_at, a.id`,
		args.List()...)
	if err != nil {
		return nil, fmt.Errorf("list authenticators: %w", err)
	}
	found := map[string][]Authenticator{}
	for _, a := range list {
		found[a.UUID] = append(found[a.UUID], a)
	}
	return found, nil
}

// ByIDs reads several authenticators, removed ones too, by their ids. Unknown ones are left out.
func ByIDs(ctx context.Context, r db.R, ids []string) (map[string]Authenticator, error) {
	var args db.Arguments
	where := ` WHERE a.id IN (` + db.AddEach(&args, ids) + `)`
	scan := scanFor(r.Now(), tries.Browser{})
	list, err := db.All(ctx, r, scan, selectAuthenticators(args.Add(""))+where, args.List()...)
	if err != nil {
		return nil, fmt.Errorf("read authenticators: %w", err)
	}
	found := map[string]Authenticator{}
	for _, a := range list {
		found[a.ID] = a
	}
	return found, nil
}

// ByID reads one authenticator, removed ones too, or fault.NotFound.
func ByID(ctx context.Context, r db.R, id string) (Authenticator, error) {
	return byID(ctx, r, id, tries.Browser{})
}

func byID(ctx context.Context, r db.R, id string, browser tries.Browser) (Authenticator, error) {
	scan := scanFor(r.Now(), browser)
	a, err := db.One(ctx, r, scan, selectAuthenticators("$2")+` WHERE a.id = $1`, id, browser.ID())
	if err != nil {
		return a, fmt.Errorf("read authenticator: %w", err)
	}
	return a, nil
}

// AskStatus makes the query for the status of an authenticator, to be asked together with others. It says nothing of a
// lock: wrong tries of others do not make a proof wrong that was made before.
func AskStatus(id string) *db.Answer[Status] {
	return db.Ask(db.Column[Status], `SELECT status FROM authenticator WHERE id = $1`, id)
}

// scanFor makes the function that reads an authenticator for a browser, locked or not as it is now.
func scanFor(now time.Time, browser tries.Browser) func(db.Scanner) (Authenticator, error) {
	return func(scan db.Scanner) (a Authenticator, err error) {
		var level int64
		var both tries.Both
		columns := []any{
			&a.ID, &a.UUID, &a.Kind, &level, &a.Why, &a.Model.AAGUID, &a.Name, &a.Status, &a.Simulated,
			db.At(&a.BoundAt), db.At(&a.Used),
		}
		err = scan(append(columns, both.Targets()...)...)
		a.Level = authn.Level(level)
		a.Model = authn.ModelOf(a.Kind, a.Model.AAGUID, a.Why)
		count := both.On(browser, a.ID)
		a.at = At(a.ID, browser)
		a.hasWrongTries = count.Any()
		if count.Locked(now) {
			a.Locked = true
			a.Until = count.Until
		}
		return a, err
	}
}

// New describes an authenticator that is about to be bound.
type New struct {
	UUID      string
	Kind      authn.Kind
	Level     authn.Level
	Why       authn.Why // the level is lower than the kind can have
	Model     string    // its AAGUID; empty where it names none
	Name      string
	Simulated bool
}

const insertAuthenticator = `INSERT INTO authenticator (id, uuid, kind, level, level_why, model, name, status,
	simulated, bound_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`

// Bind adds an authenticator to a care identity and gives its id. The method that makes its secret calls it within the
// same Update.
func Bind(ctx context.Context, w *db.W, n New) (string, error) {
	if !n.Kind.Valid() || n.Level == authn.NoLevel || n.Level > n.Kind.MaxLevel() {
		return "", fmt.Errorf("bind authenticator: %s at %s", n.Kind, n.Level)
	}
	if !n.Simulated {
		if err := MayHave(ctx, w, n.UUID, n.Kind); err != nil {
			return "", err
		}
	}
	if n.Name == "" {
		n.Name = n.Kind.Label()
	}
	id := random.ID()
	_, err := w.Exec(ctx, insertAuthenticator,
		id, n.UUID, string(n.Kind), int64(n.Level), string(n.Why), n.Model, n.Name, string(Active), n.Simulated,
		w.Now())
	if err != nil {
		return "", fmt.Errorf("bind authenticator: %w", err)
	}
	if err := equipment.Gain(ctx, w, n.UUID); err != nil {
		return "", err
	}
	if err := change.Note(ctx, w, change.OfPerson(n.UUID)); err != nil {
		return "", err
	}
	after := map[string]any{"uuid": n.UUID, "kind": n.Kind, "level": n.Level, "why": n.Why, "model": n.Model,
		"simulated": n.Simulated}
	return id, w.Record(ctx, audit.Event{Kind: eventBound, Subject: Ref(id), After: after})
}

// ErrOnlyOne tells people that they have one already of a kind of which nobody has two.
var ErrOnlyOne = fault.Keyed("only-one", fault.SayCure(fault.Conflict,
	"You have one of this kind already, and nobody can have two.",
	"Open your link again and choose another kind, or ask your registration authority to remove the old one first."))

// MayHave refuses a second authenticator of a kind of which a person has one at most. Bind asks it too; who asks it
// before spares people the work.
func MayHave(ctx context.Context, r db.R, uuid string, kind authn.Kind) error {
	if !kind.Declared().Only {
		return nil
	}
	// A simulated one stands beside a real one in the double.
	const ofKind = `SELECT COUNT(*) FROM authenticator
		WHERE uuid = $1 AND kind = $2 AND status <> $3 AND NOT simulated`
	n, err := db.Value[int64](ctx, r, ofKind, uuid, string(kind), string(Removed))
	if err != nil {
		return fmt.Errorf("count authenticators of a kind: %w", err)
	}
	if n > 0 {
		return ErrOnlyOne
	}
	return nil
}

// Unusable tells people that an authenticator may not be used.
var Unusable = fault.Keyed("unusable", fault.SayCure(fault.Forbidden, "This authenticator cannot be used.",
	"Use another authenticator, or ask your registration authority to look at this one."))

// Barred is Unusable, with the authenticator that it is about.
type Barred struct{ Authenticator Authenticator }

// Error says for the log which authenticator it is, and why.
func (b *Barred) Error() string {
	state := string(b.Authenticator.Status)
	if b.Authenticator.Locked {
		state = "locked"
	}
	return "authenticator " + b.Authenticator.ID + " is " + state
}

// Unwrap gives Unusable, with the words for people.
func (b *Barred) Unwrap() error { return Unusable }

// MayProve reads an authenticator within the Update that accepts its proof. It fails with Unusable unless the
// authenticator is active and not locked for the browser that the proof came from.
func MayProve(ctx context.Context, r db.R, id string, browser tries.Browser) (Authenticator, error) {
	a, err := byID(ctx, r, id, browser)
	return mayProve(a, err)
}

func mayProve(a Authenticator, err error) (Authenticator, error) {
	if errors.Is(err, fault.NotFound) {
		return a, Unusable
	}
	if err == nil && (a.Status != Active || a.Locked) {
		err = &Barred{Authenticator: a}
	}
	return a, err
}

// AskMayProve makes the query of MayProve for the authenticator whose id a method's own query gives, to be sent
// together with others. The function that it returns gives the answer.
func AskMayProve(
	now time.Time, browser tries.Browser, id string, args ...any,
) (db.Query, func() (Authenticator, error)) {
	place := fmt.Sprintf("$%d", len(args)+1)
	args = append(args, browser.ID())
	lookup := db.Ask(scanFor(now, browser), selectAuthenticators(place)+` WHERE a.id = (`+id+`)`, args...)
	return lookup, func() (Authenticator, error) { return mayProve(lookup.One()) }
}
