// Package assignments reads from a file who holds which position by another system, holds the rows against the people
// and the lists that are here, and says which cannot be taken and why. What is taken is written by platform/records.
//
// A job at a registration authority is given by no file: two people give it.
package assignments

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"signpost/internal/careid/access"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/organisation"
	"signpost/internal/careid/registration/officer"
	"signpost/internal/careid/registration/positions"
	"signpost/internal/national/ods"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/records"
	"signpost/internal/platform/sheet"
	"signpost/internal/platform/sheet/cell"
)

// Form is how a file of positions that people hold is called.
const Form = "positions"

var columns = sheet.Options{
	Columns:  []string{"uuid", "organisation", "role"},
	Optional: []string{"activities", "position", "starts", "ends", "gnc"},
	Aliases: map[string][]string{
		"uuid":         {"care_identity", "care_identity_number", "nhs_id", "smartcard_id", "user_id", "nhsid"},
		"organisation": {"ods_code", "organisation_code", "org_code", "organization"},
		"role":         {"job_role", "role_code", "job_role_code"},
		"activities":   {"activity", "activity_codes", "activity_code"},
		"position":     {"position_name"},
		"starts":       {"start_date", "start", "from"},
		"ends":         {"end_date", "end", "to", "until"},
		"gnc":          {"general_national_code"},
	},
}

// Reading is the result of reading a file.
type Reading struct {
	Rows      int
	Unchanged int // rows about positions that are held already
	Refused   []records.Refused
	About     []string // how the file was read where it is not as most are
	Held      []Held

	heading []string
}

// WriteRefused writes the refused rows as a CSV file that can be mended and imported.
func (r Reading) WriteRefused(to io.Writer) error {
	return records.WriteRefused(to, r.heading, r.Refused)
}

// Held is a row that can be taken, as far as the file alone says.
type Held struct {
	access.Imported

	codes  string // of the job role and the activities, as a position is typed
	number int
	cells  []string
}

func (r *Reading) refuse(h Held, err error) {
	r.Refused = append(r.Refused, records.Refuse(h.number, h.cells, err))
}

// maxBetween is how many rows are read before progress is told.
const maxBetween = 1000

// Read reads a whole file. progress is told how many rows were read.
func Read(from io.Reader, progress func(rows int)) (r Reading, err error) {
	file, err := sheet.Look(from, 0)
	if err != nil {
		return r, err
	}
	rows, err := file.Open(columns)
	if err != nil {
		return r, err
	}
	r.heading = rows.Heading()
	err = rows.Each(func(row sheet.Row) error {
		r.Rows++
		if r.Rows%maxBetween == 0 {
			progress(r.Rows)
		}
		if h, problem := heldIn(row); problem != nil {
			r.refuse(h, problem)
		} else {
			r.Held = append(r.Held, h)
		}
		return nil
	})
	r.About = rows.Notes()
	return r, err
}

// heldIn reads a row.
func heldIn(row sheet.Row) (h Held, err error) {
	h = Held{number: row.Number, cells: row.Original()}
	if row.Refused != nil {
		return h, row.Refused
	}
	h.UUID = identity.ReadNumber(row.Get("uuid"))
	if !identity.IsNumber(h.UUID) {
		return h, cell.NotOne(row, "uuid", "the number of a Care Identity", "Enter its 12 digits")
	}
	code, err := ods.Parse(row.Get("organisation"))
	if err != nil {
		return h, cell.NotOne(row, "organisation", "an ODS code", "Enter one of 3 to 12 letters and digits, like FA123")
	}
	h.Organisation = string(code)
	if row.Get("role") == "" {
		return h, cell.NotOne(row, "role", "the code of a job role", "Enter one like R8008")
	}
	h.codes = strings.Join(strings.Fields(row.Get("role")+" "+row.Get("activities")), " ")
	h.Name = strings.Join(strings.Fields(row.Get("position")), " ")
	h.GNC = row.Get("gnc")
	return h, h.readDates(row)
}

func (h *Held) readDates(row sheet.Row) (err error) {
	if h.Starts, err = cell.Moment(row, "starts"); err != nil {
		return err
	}
	if h.Ends, err = cell.Moment(row, "ends"); err != nil {
		return err
	}
	if !h.Ends.IsZero() && !h.Starts.Before(h.Ends) {
		return fault.OfField("ends", "The end date must be after the start date")
	}
	return nil
}

// plan is what rows are held against.
type plan struct {
	ctx      context.Context
	r        db.R
	places   map[string]bool
	profiles map[string]outcome // by organisation and codes
	rows     map[string]int     // that give a position to somebody
}

// outcome is what the codes of a row mean, or what is wrong with them.
type outcome struct {
	profile access.Profile
	problem error
}

// maxAskedAbout is how many people one query asks about.
const maxAskedAbout = 512

// Check holds the rows of a reading against the people who are here, what they hold already, and the national lists.
func Check(ctx context.Context, r db.R, reading Reading) (Reading, error) {
	places, err := placesIn(ctx, r, reading.Held)
	if err != nil {
		return reading, err
	}
	p := plan{ctx: ctx, r: r, places: places, profiles: map[string]outcome{}, rows: map[string]int{}}
	checked := reading
	checked.Held = nil
	for some := range slices.Chunk(reading.Held, maxAskedAbout) {
		if err := p.check(some, &checked); err != nil {
			return reading, err
		}
	}
	slices.SortStableFunc(checked.Refused, records.ByRow)
	return checked, nil
}

func placesIn(ctx context.Context, r db.R, list []Held) (map[string]bool, error) {
	var codes []string
	for _, h := range list {
		codes = append(codes, h.Organisation)
	}
	slices.Sort(codes)
	return organisation.Known(ctx, r, slices.Compact(codes))
}

// check holds some rows against what is here.
func (p plan) check(some []Held, into *Reading) error {
	var uuids []string
	for _, h := range some {
		uuids = append(uuids, h.UUID)
	}
	people, err := identity.ByUUIDs(p.ctx, p.r, uuids)
	if err != nil {
		return err
	}
	held, err := access.OfIdentities(p.ctx, p.r, uuids)
	if err != nil {
		return err
	}
	for _, h := range some {
		problem, err := p.problem(&h, people)
		if err != nil {
			return err
		}
		switch {
		case problem != nil:
			into.refuse(h, problem)
		case slices.ContainsFunc(held[h.UUID], func(a access.Assignment) bool { return h.is(a, p.r.Now()) }):
			into.Unchanged++
		default:
			into.Held = append(into.Held, h)
		}
	}
	return nil
}

// problem says why a row cannot be taken; nil if it can. Of one that can the names are completed.
func (p plan) problem(h *Held, people map[string]identity.Identity) (problem, err error) {
	i, known := people[h.UUID]
	switch {
	case !known:
		return fault.OfField("uuid", "There is no Care Identity "+h.UUID+
			" here. Import it first, with signpost import identities"), nil
	case i.Status == identity.Closed || i.Status == identity.Closing:
		return fault.OfField("uuid", "The Care Identity is closed, and can hold no position"), nil
	case !p.places[h.Organisation]:
		return fault.OfField("organisation", "There is no organisation "+fault.Quoted(h.Organisation)+
			" here. Import it first, with signpost import care-organisations"), nil
	case !h.Ends.IsZero() && !p.r.Now().Before(h.Ends):
		return fault.OfField("ends", "Is over. Leave the row out, or mend the date"), nil
	}
	found, err := p.meaning(h.Organisation, h.codes)
	if err != nil || found.problem != nil {
		return found.problem, err
	}
	h.Profile = found.profile
	if h.Name == "" {
		h.Name = found.profile.RoleName()
	}
	return p.again(*h), nil
}

// again refuses a row that gives somebody what an earlier one does.
func (p plan) again(h Held) error {
	key := h.UUID + "\n" + h.Key()
	if first, is := p.rows[key]; is {
		return fault.OfField("uuid", fmt.Sprintf("Repeats row %d: remove the one that is wrong", first))
	}
	p.rows[key] = h.number
	return nil
}

// meaning gives what codes mean at an organisation, each looked up once.
func (p plan) meaning(organisation, codes string) (outcome, error) {
	key := organisation + "\n" + codes
	if found, is := p.profiles[key]; is {
		return found, nil
	}
	found, err := p.lookUp(organisation, codes)
	if err == nil {
		p.profiles[key] = found
	}
	return found, err
}

var errJob = fault.OfField("role", "Gives a job at a registration authority, which no file gives. Two people give it "+
	"in Care Identity Management")

func (p plan) lookUp(organisation, codes string) (outcome, error) {
	typed := positions.Typed{Name: "imported", Profiles: codes}
	position, err := positions.Read(p.ctx, p.r, typed, access.Position{Organisation: organisation})
	if f, is := fault.From(err); is {
		return outcome{problem: fault.OfField("role", f.Message)}, nil
	}
	if err != nil {
		return outcome{}, fmt.Errorf("read codes: %w", err)
	}
	if len(position.Profiles) != 1 || len(position.Profiles[0].Workgroups)+len(position.Profiles[0].AreasOfWork) > 0 {
		return outcome{problem: fault.OfField("activities",
			"Enter codes of activities alone, such as B0166, with spaces between them")}, nil
	}
	jobs, err := officer.JobsFor(p.ctx, p.r, position)
	if err != nil || len(jobs) > 0 {
		return outcome{problem: errJob}, err
	}
	named, err := access.Named(p.ctx, p.r, position.Profiles[0])
	return outcome{profile: named}, err
}

// is reports whether a position that somebody holds at a time is that of a row.
func (h Held) is(a access.Assignment, now time.Time) bool {
	return !a.Over(now) && a.Position.Organisation == h.Organisation && a.Position.Name == h.Name &&
		len(a.Roles) == 1 && access.SameRights(a.Roles[0].Profile, h.Profile)
}
