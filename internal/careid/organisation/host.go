package organisation

import (
	"context"
	"errors"
	"fmt"
	"time"

	"signpost/internal/careid/change"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/random"
)

// The kinds of events that this package records of hosting.
const (
	eventHosted   audit.Kind = "organisation.hosted"
	eventUnhosted audit.Kind = "organisation.unhosted"
)

// Hosting says that the registration authority of one organisation serves another, and what is below that.
type Hosting struct {
	Host      string    // ODS code
	From      time.Time // zero of one from before this was kept
	By        string    // number of the care identity that said so; empty for the program
	Reason    string
	To        time.Time // zero while it holds
	EndedBy   string
	EndReason string
}

// MaxHosts is how many organisations one above the other may stand between one and its registration authority. A longer
// chain is a mistake in the data.
const MaxHosts = 10

// What is wrong with a host.
var (
	errCircle = fault.OfField("host", "That organisation is served through this one. Enter another one")
	errSame   = fault.OfField("host", "Enter another organisation. No organisation hosts itself")
	errHosted = fault.SayCure(fault.Conflict, "Another registration authority serves this organisation.",
		"Ask that registration authority to hand it over.")
)

const (
	insertHosting = `INSERT INTO ra_hosting (id, code, host, from_at, from_by, reason, to_by, end_reason)
		VALUES ($1, $2, $3, $4, $5, $6, '', '')`
	endHosting = `UPDATE ra_hosting SET to_at = $2, to_by = $3, end_reason = $4
		WHERE code = $1 AND to_at IS NULL`
	selectHost = `SELECT host FROM ra_hosting WHERE code = $1 AND to_at IS NULL`
)

// Host has the registration authority of another organisation serve one that nobody hosts, as a part of an Update whose
// caller has made sure that the actor may say so.
func Host(ctx context.Context, w *db.W, code, host, reason string) error {
	now, err := HostOf(ctx, w, code)
	if err != nil {
		return err
	}
	if now != "" {
		return errHosted
	}
	if err := checkHost(ctx, w, code, host); err != nil {
		return err
	}
	if err := link(ctx, w, code, host, reason); err != nil {
		return err
	}
	if err := change.Note(ctx, w, change.OfAll()); err != nil {
		return err
	}
	return w.Record(ctx, audit.Event{
		Kind: eventHosted, Subject: Ref(code), After: map[string]string{"host": host}, Reason: reason,
	})
}

func link(ctx context.Context, w *db.W, code, host, reason string) error {
	if _, err := w.Exec(ctx, insertHosting, random.ID(), code, host, w.Now(), w.Actor().ID, reason); err != nil {
		return fmt.Errorf("host organisation %s at %s: %w", code, host, err)
	}
	return nil
}

// checkHost walks up from a host, so that no circle is closed.
func checkHost(ctx context.Context, r db.R, code, host string) error {
	if host == code {
		return errSame
	}
	for range MaxHosts {
		next, err := HostOf(ctx, r, host)
		if err != nil || next == "" {
			return err
		}
		if next == code {
			return errCircle
		}
		host = next
	}
	return errCircle
}

// HostOf gives the organisation that hosts one, by its code; empty if none does.
func HostOf(ctx context.Context, r db.R, code string) (string, error) {
	host, err := db.Value[string](ctx, r, selectHost, code)
	if err != nil && !errors.Is(err, fault.NotFound) {
		return "", fmt.Errorf("read host of organisation: %w", err)
	}
	return host, nil
}

// EndHosting ends that another organisation's registration authority serves one, as a part of an Update whose caller
// has made sure that the actor may say so.
func EndHosting(ctx context.Context, w *db.W, code, reason string) error {
	host, err := HostOf(ctx, w, code)
	if err != nil {
		return err
	}
	if err := w.Change(ctx, endHosting, code, w.Now(), w.Actor().ID, reason); err != nil {
		return fmt.Errorf("end hosting of organisation %s: %w", code, err)
	}
	if err := change.Note(ctx, w, change.OfAll()); err != nil {
		return err
	}
	return w.Record(ctx, audit.Event{
		Kind: eventUnhosted, Subject: Ref(code), Before: map[string]string{"host": host}, Reason: reason,
	})
}

// maxHostings is how many hosts of an organisation are listed.
const maxHostings = 50

const selectHostings = `SELECT host, from_at, from_by, reason, to_at, to_by, end_reason FROM ra_hosting
	WHERE code = $1 ORDER BY to_at IS NULL DESC, to_at DESC, id LIMIT $2`

// Hostings lists the hosts of an organisation, that of now first, then the others from the last one on.
func Hostings(ctx context.Context, r db.R, code string) ([]Hosting, error) {
	list, err := db.All(ctx, r, func(scan db.Scanner) (h Hosting, err error) {
		err = scan(&h.Host, db.At(&h.From), &h.By, &h.Reason, db.At(&h.To), &h.EndedBy, &h.EndReason)
		return h, err
	}, selectHostings, code, maxHostings)
	if err != nil {
		return nil, fmt.Errorf("list hosts of organisation: %w", err)
	}
	return list, nil
}

// AskAmong makes the query of the organisations with some codes, in no order. Unknown ones are left out.
func AskAmong(codes []string) *db.Answer[Organisation] {
	var a db.Arguments
	where := ` WHERE code IN (` + db.AddEach(&a, codes) + `)`
	return db.Ask(scanOrganisation, selectOrganisation+where, a.List()...)
}

// HostedBy lists the organisations that some others host, by name, at most a number of them.
func HostedBy(ctx context.Context, r db.R, hosts []string, limit int) ([]Organisation, error) {
	var a db.Arguments
	where := ` WHERE code IN (SELECT code FROM ra_hosting WHERE to_at IS NULL AND host IN (` +
		db.AddEach(&a, hosts) + `)) ORDER BY name, code LIMIT ` + a.Add(limit)
	list, err := db.All(ctx, r, scanOrganisation, selectOrganisation+where, a.List()...)
	if err != nil {
		return nil, fmt.Errorf("list organisations that are hosted: %w", err)
	}
	return list, nil
}

// SetContact says in one line how the registration authority of an organisation is reached, as a part of an Update that
// records it.
func SetContact(ctx context.Context, w *db.W, code, contact string) error {
	if err := w.Change(ctx, `UPDATE organisation SET contact = $2 WHERE code = $1`, code, contact); err != nil {
		return fmt.Errorf("set contact of organisation %s: %w", code, err)
	}
	return change.Note(ctx, w, change.OfAll())
}
