// Package report draws up reports for those who work for registration authorities: on users, authenticators,
// smartcards and positions of the people whom their authority looks after, as filters choose.
//
// A report reads people in the order of an index, a stretch at a time, and never more than one stretch for a page. It
// changes nothing, and knows no pages.
package report

import (
	"context"
	"slices"
	"strings"
	"time"

	"signpost/internal/careid/access"
	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/authenticator/smartcard/issuing"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/organisation"
	"signpost/internal/careid/registration/deciding"
	"signpost/internal/careid/registration/officer"
	"signpost/internal/careid/registration/permission"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// eventDrawn is recorded for each page and each file of a report that somebody draws.
const eventDrawn audit.Kind = "report.drawn"

// person is somebody with what reports say of them.
type person struct {
	identity.Identity

	authenticators []authenticator.Authenticator // but for removed ones
	ends           map[string]time.Time          // of the certificates of smartcards, by id
	held           []access.Assignment
}

// Line is one row of a report, before it is worded.
type Line struct {
	person *person
	one    authenticator.Authenticator // of reports on authenticators and smartcards
	held   access.Assignment           // of the report on positions
	now    time.Time
}

// UUID is the number of the Care Identity that the line is about.
func (l Line) UUID() string { return l.person.UUID }

// Column is a column of a report.
type Column struct {
	Name  string // in a file; empty where it is on pages alone
	Title string // on a page; empty where it is in files alone
	Text  func(l Line) string
}

// Option is something that a filter can choose.
type Option struct {
	Value, Text string

	chooses func(l Line) bool
}

// Filter chooses of the lines of a report by one of several options.
type Filter struct {
	Name, Label string
	Options     []Option
}

// Report is what is known of one report.
type Report struct {
	Name, Title string
	About       string
	Act         permission.Act // of the matrix, which it is for
	Columns     []Column
	Filters     []Filter

	lines func(p *person, now time.Time) []Line
}

// Named finds a report by its name.
func Named(name string) (Report, error) {
	i := slices.IndexFunc(All(), func(one Report) bool { return one.Name == name })
	if i < 0 {
		return Report{}, fault.NotFound
	}
	return All()[i], nil
}

// Chosen are the options that were chosen, by the names of their filters.
type Chosen map[string]string

// Clean leaves what a report has: filters that are known, with options that they have.
func (rep Report) Clean(c Chosen) Chosen {
	clean := Chosen{}
	for _, f := range rep.Filters {
		if slices.ContainsFunc(f.Options, func(o Option) bool { return o.Value == c[f.Name] }) {
			clean[f.Name] = c[f.Name]
		}
	}
	return clean
}

func (rep Report) chooses(l Line, c Chosen) bool {
	for _, f := range rep.Filters {
		for _, o := range f.Options {
			if o.Value == c[f.Name] && !o.chooses(l) {
				return false
			}
		}
	}
	return true
}

var errNotServed = fault.OfField("at", "Your registration authority does not serve this organisation")

// Places lists the organisations of which somebody may draw a report: one that they name, or all that their authority
// serves, as far as these are looked through: see hosting.MaxServed.
func (rep Report) Places(ctx context.Context, r db.R, reader deciding.Reader, only string) ([]string, error) {
	if only == "" {
		return reader.Places().Where(ctx, r, rep.Act)
	}
	may, err := reader.MayAt(ctx, r, rep.Act, only, permission.Yes)
	if err == nil && !may {
		err = errNotServed
	}
	return []string{only}, err
}

var errMoved = fault.SayCure(fault.Conflict, "The person after whom the report goes on is registered elsewhere now.",
	"Begin the report again.")

// Place is where a report goes on: after somebody, or at the beginning of an organisation.
type Place struct{ Organisation, UUID string }

// Over reports whether nothing follows.
func (p Place) Over() bool { return p.Organisation == "" }

// String writes a place for an address.
func (p Place) String() string { return p.Organisation + "_" + p.UUID }

// ReadPlace reads a place as String wrote it. Anything else is the beginning.
func ReadPlace(text string) Place {
	code, uuid, found := strings.Cut(text, "_")
	if !found || uuid != "" && !identity.IsNumber(uuid) {
		return Place{}
	}
	return Place{code, uuid}
}

// How many people are read at once, and for one stretch at most.
const (
	chunk     = 250
	maxLooked = 1000
)

// Stretch gives the lines that are chosen of the people of some organisations after a place, until there are as many as
// a limit or a thousand people were looked at, and the place after which the next stretch begins. All lines of one
// person are in one stretch.
func (rep Report) Stretch(ctx context.Context, r db.R, codes []string, c Chosen, at Place, limit int) (
	list []Line, next Place, err error,
) {
	codes = slices.DeleteFunc(slices.Clone(codes), func(code string) bool { return code < at.Organisation })
	size := min(chunk, max(limit, 1))
	if len(c) > 0 {
		size = chunk
	}
	for looked := 0; len(codes) > 0; {
		people, err := stretchOf(ctx, r, codes[0], at, size)
		if err != nil {
			return nil, next, err
		}
		for i := range people {
			for _, l := range rep.lines(&people[i], r.Now()) {
				if rep.chooses(l, c) {
					list = append(list, l)
				}
			}
			at = Place{codes[0], people[i].UUID}
			if len(list) < limit {
				continue
			}
			if i == len(people)-1 && len(people) < size && len(codes) == 1 {
				at = Place{} // nobody follows
			}
			return list, at, nil
		}
		if len(people) < size {
			codes = codes[1:]
		}
		if looked += len(people) + 1; looked >= maxLooked && len(codes) > 0 {
			if at.Organisation != codes[0] {
				at = Place{Organisation: codes[0]}
			}
			return list, at, nil
		}
	}
	return list, Place{}, nil
}

// stretchOf reads people of an organisation with all that reports say of them.
func stretchOf(ctx context.Context, r db.R, code string, at Place, size int) ([]person, error) {
	var after identity.Identity
	if at.Organisation == code && at.UUID != "" {
		last, err := identity.ByUUID(ctx, r, at.UUID)
		if err != nil {
			return nil, err
		}
		if last.Organisation != code { // where somebody else stands in the alphabet is not told
			return nil, errMoved
		}
		after = last
	}
	roll, err := identity.Roll(ctx, r, code, after, size)
	if err != nil || len(roll) == 0 {
		return nil, err
	}
	var uuids []string
	for _, i := range roll {
		uuids = append(uuids, i.UUID)
	}
	bound, err := authenticator.OfIdentities(ctx, r, uuids)
	if err != nil {
		return nil, err
	}
	held, err := access.OfIdentities(ctx, r, uuids)
	if err != nil {
		return nil, err
	}
	var ids []string
	for uuid, all := range bound {
		bound[uuid] = slices.DeleteFunc(all, func(a authenticator.Authenticator) bool {
			return a.Status == authenticator.Removed
		})
		for _, a := range bound[uuid] {
			ids = append(ids, a.ID)
		}
	}
	ends := map[string]time.Time{}
	for some := range slices.Chunk(ids, chunk) {
		found, err := issuing.EndsOf(ctx, r, some)
		if err != nil {
			return nil, err
		}
		for id, until := range found {
			ends[id] = until
		}
	}
	var list []person
	for _, i := range roll {
		list = append(list, person{Identity: i, authenticators: bound[i.UUID], ends: ends, held: held[i.UUID]})
	}
	return list, nil
}

// drawn is what an event tells of a report.
type drawn struct {
	Report string            `json:"report"`
	Chosen map[string]string `json:"chosen,omitempty"`
	At     string            `json:"at,omitempty"` // ODS code, where one was chosen
	Format string            `json:"format"`
	Rows   int               `json:"rows"`
}

// Drawn records that the actor, of a registration authority, draws a report: what, by which filters, and how many rows
// are in it. Whoever may not draw it is refused.
func (rep Report) Drawn(
	ctx context.Context, d *db.DB, by actor.Actor, authority string, c Chosen, only, format string, rows int,
) error {
	about := organisation.Ref(authority)
	return d.Update(ctx, by, func(w *db.W) error {
		asked := officer.Asked{Act: rep.Act, About: about}
		if only != "" {
			asked.At = []string{only}
		}
		if _, err := officer.Require(ctx, w, asked); err != nil {
			return err
		}
		return w.Record(ctx, audit.Event{Kind: eventDrawn, Subject: about,
			After: drawn{Report: rep.Name, Chosen: c, At: only, Format: format, Rows: rows}})
	})
}
