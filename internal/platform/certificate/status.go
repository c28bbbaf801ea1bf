package certificate

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net/url"
	"sync"
	"time"

	"signpost/internal/platform/clock"
	"signpost/internal/platform/fetch"
)

// Online asks the authorities that issue certificates whether they were revoked: by OCSP where a certificate names a
// responder, else by the list of those that are (CRL). A statement is kept while it is in force. If no newer one can
// be had then, it counts for Grace longer; after that, nobody is let in by what nobody confirms.
type Online struct {
	Fetch *fetch.Client
	Clock clock.Clock
	Grace time.Duration
	// Lists are lists that are there already, as from files, of authorities that have theirs nowhere else.
	Lists func() ([]*x509.RevocationList, error)

	mutex sync.Mutex
	kept  map[string]statement // by the address asked and the certificate asked about
	under map[string]*question // under way, or failed a short while ago
}

// question is one that is put to an authority for all who want its answer meanwhile.
type question struct {
	done chan struct{}
	s    statement
	err  error
	over time.Time // when it was answered
}

// statement is what an authority says of one certificate, or by a list of all that it issued.
type statement struct {
	made    time.Time
	until   time.Time // in force
	revoked func(c *x509.Certificate) bool
}

// How a statement may differ from our clock, and how long one is in force that does not say.
const (
	maxSkew  = 5 * time.Minute
	usualAge = 24 * time.Hour
	maxKept  = 10000 // statements; none is worth more than a question

	retryAfter = 30 * time.Second // a source that failed is not asked again sooner
)

// inForce reports whether a statement holds at a time, with so much grace.
func (s statement) inForce(now time.Time, grace time.Duration) bool {
	return !now.Before(s.made.Add(-maxSkew)) && now.Before(s.until.Add(grace))
}

// Check reports how old the statement is by which a certificate was not revoked, or a ProblemError.
func (o *Online) Check(ctx context.Context, c, issuer *x509.Certificate) (age time.Duration, err error) {
	s, err := o.statement(ctx, c, issuer)
	if err != nil {
		return 0, err
	}
	if s.revoked(c) {
		return 0, refuse(Revoked, "its authority says so since %s or earlier", s.made)
	}
	return max(0, o.Clock.Now().Sub(s.made)), nil
}

// source is one place where something is said of a certificate.
type source struct {
	key string
	ask func(ctx context.Context) (statement, error)
}

// statement finds a statement about a certificate: one that is kept and in force, a new one, or, where there is none to
// be had, a kept one that has grace.
func (o *Online) statement(ctx context.Context, c, issuer *x509.Certificate) (statement, error) {
	now := o.Clock.Now()
	sources := o.sources(c, issuer)
	for _, from := range sources {
		if s, kept := o.recall(from.key); kept && s.inForce(now, 0) {
			return s, nil
		}
	}
	problems := []error{errors.New("nobody is named who says whether it was revoked")}
	for _, from := range sources {
		s, err := o.once(ctx, from)
		if err == nil && !s.inForce(now, o.Grace) {
			err = fmt.Errorf("it is in force from %s to %s", s.made, s.until)
		}
		if err == nil {
			o.keep(from.key, s)
			return s, nil
		}
		problems = append(problems, fmt.Errorf("%s: %w", from.key, err))
	}
	for _, from := range sources {
		if s, kept := o.recall(from.key); kept && s.inForce(now, o.Grace) {
			return s, nil
		}
	}
	if len(problems) > 1 {
		problems = problems[1:]
	}
	return statement{}, refuse(Unknown, "%w", errors.Join(problems...))
}

// once asks a source, unless somebody asks it already or it failed a short while ago: then what came of that counts.
func (o *Online) once(ctx context.Context, from source) (statement, error) {
	o.mutex.Lock()
	q := o.under[from.key]
	if q == nil || q.failedBefore(o.Clock.Now()) {
		q = &question{done: make(chan struct{})}
		if o.under == nil {
			o.under = map[string]*question{}
		}
		o.under[from.key] = q
		// Whoever asks first may go away before the answer comes, which others wait for.
		go o.put(context.WithoutCancel(ctx), from, q)
	}
	o.mutex.Unlock()
	select {
	case <-q.done:
		return q.s, q.err
	case <-ctx.Done():
		return statement{}, ctx.Err()
	}
}

// failedBefore reports whether a question failed so long ago that it may be put again.
func (q *question) failedBefore(now time.Time) bool {
	select {
	case <-q.done:
		return now.Sub(q.over) >= retryAfter
	default:
		return false
	}
}

// put puts a question. Of what failed, that is remembered for a while.
func (o *Online) put(ctx context.Context, from source, q *question) {
	s, err := from.ask(ctx)
	o.mutex.Lock()
	defer o.mutex.Unlock()
	q.s = s
	q.err = err
	q.over = o.Clock.Now()
	if err == nil || len(o.under) > maxKept {
		delete(o.under, from.key)
	}
	close(q.done)
}

// sources lists where something is said of a certificate, in the order in which they are asked.
func (o *Online) sources(c, issuer *x509.Certificate) (list []source) {
	for _, address := range c.OCSPServer {
		if overHTTP(address) {
			key := "ocsp " + address + " " + Fingerprint(c)
			list = append(list, source{key, func(ctx context.Context) (statement, error) {
				return o.askResponder(ctx, address, c, issuer)
			}})
		}
	}
	for _, address := range c.CRLDistributionPoints {
		if overHTTP(address) {
			key := "list " + address + " " + Fingerprint(issuer)
			list = append(list, source{key, func(ctx context.Context) (statement, error) {
				return o.fetchList(ctx, address, c, issuer)
			}})
		}
	}
	if o.Lists != nil {
		list = append(list, source{"files " + Fingerprint(issuer), func(context.Context) (statement, error) {
			return o.listAtHand(issuer)
		}})
	}
	return list
}

// overHTTP reports whether an address can be asked. Some authorities also name directories (LDAP).
func overHTTP(address string) bool {
	u, err := url.Parse(address)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https")
}

func (o *Online) recall(key string) (statement, bool) {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	s, kept := o.kept[key]
	return s, kept
}

func (o *Online) keep(key string, s statement) {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	if o.kept == nil || len(o.kept) >= maxKept {
		o.kept = map[string]statement{}
	}
	o.kept[key] = s
}
