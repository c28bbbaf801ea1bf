package deciding

import (
	"context"
	"slices"
	"time"

	"signpost/internal/careid/hosting"
	"signpost/internal/careid/registration/officer"
	"signpost/internal/careid/registration/permission"
	"signpost/internal/careid/request"
	"signpost/internal/platform/db"
)

// Kept is for how long requests that are closed, and one's own, are on the dashboard.
const Kept = 30 * 24 * time.Hour

// maxShown is how many requests a list shows, the most urgent or the newest.
const maxShown = 200

// Reader is somebody who looks at requests, with their jobs as they are now.
type Reader struct {
	UUID string
	officer.List
}

// MayAsk reports whether somebody may ask for anything about others.
func (p Reader) MayAsk() bool {
	return slices.ContainsFunc([]permission.Act{permission.AssignPosition, permission.CloseProfile},
		func(a permission.Act) bool { return p.May(a, asking...) })
}

// MayAskAt reports whether somebody may ask for anything about people of an organisation.
func MayAskAt(ctx context.Context, r db.R, p Reader, code string) (bool, error) {
	for _, act := range []permission.Act{permission.AssignPosition, permission.CloseProfile} {
		may, err := p.MayAt(ctx, r, act, code, asking...)
		if err != nil || may {
			return may, err
		}
	}
	return false, nil
}

// Places are the organisations that the registration authorities serve for which somebody works, each read once.
type Places struct {
	reader Reader
	served map[string][]string // by the organisation of the job
}

// Places gives where somebody works.
func (p Reader) Places() *Places { return &Places{reader: p, served: map[string][]string{}} }

// Where lists the codes of the organisations at which somebody may do an act themselves.
func (l *Places) Where(ctx context.Context, r db.R, act permission.Act) ([]string, error) {
	codes := []string{}
	looked := map[string]bool{}
	for _, o := range l.reader.Jobs {
		if l.reader.Rules.Of(o.Job, act) != permission.Yes || looked[o.Organisation] {
			continue
		}
		looked[o.Organisation] = true
		if _, read := l.served[o.Organisation]; !read {
			list, err := hosting.Served(ctx, r, o.Organisation)
			if err != nil {
				return nil, err
			}
			for _, one := range list {
				l.served[o.Organisation] = append(l.served[o.Organisation], one.Code)
			}
		}
		codes = append(codes, l.served[o.Organisation]...)
	}
	slices.Sort(codes)
	return slices.Compact(codes), nil
}

// ActOf is what a kind of request asks to be done.
func ActOf(k request.Kind) permission.Act { return acts[k] }

// SeesAll leaves of requests at organisations where somebody may decide them those that they may decide themselves:
// not those about people who are not below them, nor those that were asked from their own address.
func (p Reader) SeesAll(ctx context.Context, r db.R, list []request.Request) (seen []request.Request, err error) {
	var subjects []string
	for _, q := range list {
		if q.Subject.UUID != "" {
			subjects = append(subjects, q.Subject.UUID)
		}
	}
	slices.Sort(subjects)
	theirs, err := officer.HighestOf(ctx, r, slices.Compact(subjects))
	if err != nil {
		return nil, err
	}
	for _, q := range list {
		if q.Subject.UUID == "" {
			own, err := ownAddress(ctx, r, q, p.UUID)
			if err != nil {
				return nil, err
			}
			if !own {
				seen = append(seen, q)
			}
			continue
		}
		job, has := theirs[q.Subject.UUID]
		if !has {
			job = permission.User
		}
		if p.MayOver(acts[q.Kind()], job) {
			seen = append(seen, q)
		}
	}
	return seen, nil
}

// Decides reports whether somebody decides requests at all.
func (p Reader) Decides() bool { return p.May(permission.DecideRequest, permission.Yes) }

// Sees reports whether somebody may decide a request, or might have if it were not decided: nobody sees one that they
// could not decide, other than those that they asked for.
func (p Reader) Sees(ctx context.Context, r db.R, q request.Request) (bool, error) {
	if q.AskedBy != "" && q.AskedBy == p.UUID {
		return true, nil
	}
	return p.decides(ctx, r, q)
}

// decides reports whether the jobs of somebody let them decide a request of whatever state.
func (p Reader) decides(ctx context.Context, r db.R, q request.Request) (bool, error) {
	if q.Subject.UUID == p.UUID || q.AskedBy == p.UUID || !p.Decides() {
		return false, nil
	}
	for _, act := range []permission.Act{permission.DecideRequest, acts[q.Kind()]} {
		may, err := p.MayAt(ctx, r, act, q.Organisation, permission.Yes)
		if err != nil || !may {
			return false, err
		}
	}
	if q.Subject.UUID == "" {
		own, err := ownAddress(ctx, r, q, p.UUID)
		return !own, err
	}
	theirs, err := officer.OfIdentity(ctx, r, q.Subject.UUID)
	return p.MayOver(acts[q.Kind()], theirs.Highest()), err
}

// Choice is what of a list is shown.
type Choice struct {
	Kind  request.Kind
	Order request.Order
}

// Waiting lists the requests that somebody may decide, the most urgent first.
func (p Reader) Waiting(ctx context.Context, r db.R, c Choice) ([]request.Request, error) {
	return p.list(ctx, r, request.Filter{Open: true, NotOf: p.UUID, Kind: c.Kind, Order: c.Order})
}

// Closed lists the requests that were closed within 30 days, of those that somebody might have decided.
func (p Reader) Closed(ctx context.Context, r db.R) ([]request.Request, error) {
	return p.list(ctx, r, request.Filter{Since: r.Now().Add(-Kept), NotOf: p.UUID})
}

// Mine lists what somebody asked for, but for what was closed longer than 30 days ago.
func (p Reader) Mine(ctx context.Context, r db.R) ([]request.Request, error) {
	list, _, err := request.Filter{AskedBy: p.UUID, Any: true, Since: r.Now().Add(-Kept)}.List(ctx, r, 0, maxShown)
	return list, err
}

func (p Reader) list(ctx context.Context, r db.R, f request.Filter) (list []request.Request, err error) {
	if f.Organisations, err = p.served(ctx, r); err != nil {
		return nil, err
	}
	all, _, err := f.List(ctx, r, 0, maxShown)
	if err != nil {
		return nil, err
	}
	for _, q := range all {
		sees, err := p.decides(ctx, r, q)
		if err != nil {
			return nil, err
		}
		if sees {
			list = append(list, q)
		}
	}
	return list, nil
}

// served lists the codes of the organisations at which somebody decides requests.
func (p Reader) served(ctx context.Context, r db.R) ([]string, error) {
	return p.Places().Where(ctx, r, permission.DecideRequest)
}
