package apply

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/job"
	"signpost/internal/platform/random"
	"signpost/internal/platform/records"
	"signpost/internal/platform/sheet"
)

const (
	// MaxFileBytes is how large a file of people may be.
	MaxFileBytes = 1 << 20

	maxFileRows = 500
	fileLasts   = 7 * 24 * time.Hour
)

// Columns are the headings of a file of people; those after the first five may be missing.
var Columns = []string{"given_name", "family_name", "email", "mobile", "organisation", "middle_names", "reason"}

const needed = 5 // of the columns

// fileAliases are other headings under which people write the columns.
var fileAliases = map[string][]string{
	"given_name": {"first name", "forename", "given name"}, "family_name": {"surname", "last name", "family name"},
	"email": {"email address", "e-mail", "work email"}, "mobile": {"mobile number", "phone", "telephone"},
	"organisation": {"ods code", "organisation code", "ods"}, "middle_names": {"middle names", "middle name"},
	"reason": {"why"},
}

// RowState says what became of a row of a file.
type RowState string

// The states of a row.
const (
	RowReady   RowState = "ready"
	RowInvited RowState = "invited"
	RowRefused RowState = "refused"
)

// Row is one row of a file of people.
type Row struct {
	Number  int // as a spreadsheet shows it
	State   RowState
	Problem string
	Who     Invitation
	Cells   []string // as they stand in the file
}

// File is a file of people who are to be invited.
type File struct {
	ID      string
	Heading []string
	Sent    time.Time // when somebody had its people invited; zero until then
	Rows    []Row
}

// Count counts the rows in a state.
func (f File) Count(s RowState) (n int) {
	for _, row := range f.Rows {
		if row.State == s {
			n++
		}
	}
	return n
}

var (
	errNoFile = fault.OfField("file", "Choose a file with the people to invite")
	errNoRows = fault.OfField("file", "The file has no people in it")
	errWhose  = fmt.Errorf("file of others: %w", fault.NotFound)
)

// ReadFile reads a file of people and keeps it for its reader, with what is wrong with each row. Nobody is invited yet.
func (d *Desk) ReadFile(ctx context.Context, by actor.Actor, content []byte) (id string, err error) {
	f, err := readFile(content)
	if err != nil {
		return "", err
	}
	return db.Write(ctx, d.DB, by, func(w *db.W) (string, error) {
		kept := File{ID: random.ID(), Heading: f.Heading}
		for _, row := range f.Rows {
			if row.State == RowReady {
				if err := row.check(ctx, w); err != nil {
					if row, err = row.refused(err); err != nil {
						return "", err
					}
				}
			}
			kept.Rows = append(kept.Rows, row)
		}
		return kept.ID, d.keepFile(ctx, w, kept)
	})
}

// readFile reads the rows, and what is wrong with each by itself.
func readFile(content []byte) (f File, err error) {
	if len(content) == 0 {
		return f, errNoFile
	}
	look, err := sheet.Look(bytes.NewReader(content), MaxFileBytes)
	if err != nil {
		return f, atFile(err)
	}
	rows, err := look.Open(sheet.Options{
		Columns: Columns[:needed], Optional: Columns[needed:], Aliases: fileAliases, MaxRows: maxFileRows,
	})
	if err != nil {
		return f, atFile(err)
	}
	f.Heading = rows.Heading()
	err = rows.Each(func(row sheet.Row) error {
		if row.Empty() {
			return nil
		}
		one, err := rowOf(row)
		if err == nil {
			f.Rows = append(f.Rows, f.once(one))
		}
		return err
	})
	if err != nil {
		return f, atFile(err)
	}
	if len(f.Rows) == 0 {
		return f, errNoRows
	}
	return f, nil
}

// atFile says at the field for the file what is wrong with it.
func atFile(err error) error {
	said, known := fault.From(err)
	if !known {
		return err
	}
	return fault.OfField("file", strings.TrimSpace(said.Message+" "+said.Cure))
}

func rowOf(row sheet.Row) (Row, error) {
	one := Row{Number: row.Number, State: RowReady, Cells: row.Original(), Who: Invitation{
		GivenName: row.Get("given_name"), MiddleNames: row.Get("middle_names"), FamilyName: row.Get("family_name"),
		Email: row.Get("email"), Mobile: row.Get("mobile"), Organisation: row.Get("organisation"),
		Reason: row.Get("reason"),
	}}
	if row.Refused != nil {
		return one.refused(row.Refused)
	}
	if one.Who.Reason == "" {
		one.Who.Reason = "Invited with others from a file"
	}
	read, err := one.Who.Read()
	if err != nil {
		return one.refused(err)
	}
	one.Who = read
	return one, nil
}

// once refuses a row with an email address that an earlier one has.
func (f File) once(row Row) Row {
	for _, earlier := range f.Rows {
		if row.State == RowReady && earlier.State == RowReady && keyOf(row.Who.Email) == keyOf(earlier.Who.Email) {
			row.State = RowRefused
			row.Problem = fmt.Sprintf("Row %d has the same email address", earlier.Number)
		}
	}
	return row
}

// refused is the row with what a fault says is wrong with it. Any other error is given back.
func (row Row) refused(err error) (Row, error) {
	said, known := fault.From(err)
	if !known {
		return row, err
	}
	row.State = RowRefused
	row.Problem = strings.TrimSpace(said.Message + " " + said.Cure)
	return row, nil
}

// check says why the person of a row would not be invited.
func (row Row) check(ctx context.Context, w *db.W) error {
	may, err := mayInvite(ctx, w, row.Who.Organisation)
	if err != nil {
		return err
	}
	if !may {
		return errNotThere
	}
	return row.Who.check(ctx, w)
}

const (
	insertFile = `INSERT INTO application_file (id, inviter, heading, made_at, over_at) VALUES ($1, $2, $3, $4, $5)`
	insertRow  = `INSERT INTO application_row (file, number, sealed, state, problem, over_at)
		VALUES ($1, $2, $3, $4, $5, $6)`
)

func (d *Desk) keepFile(ctx context.Context, w *db.W, f File) error {
	over := w.Now().Add(fileLasts)
	heading, err := json.Marshal(f.Heading)
	if err == nil {
		_, err = w.Exec(ctx, insertFile, f.ID, w.Actor().ID, string(heading), w.Now(), over)
	}
	if err != nil {
		return fmt.Errorf("keep file of people: %w", err)
	}
	for _, row := range f.Rows {
		text, err := json.Marshal(row)
		if err != nil {
			return fmt.Errorf("keep row of people: %w", err)
		}
		sealed := d.Box.Seal(text, sealedAs(f.ID, fmt.Sprint(row.Number)))
		_, err = w.Exec(ctx, insertRow, f.ID, row.Number, sealed, string(row.State), row.Problem, over)
		if err != nil {
			return fmt.Errorf("keep row of people: %w", err)
		}
	}
	return w.Record(ctx, audit.Event{Kind: eventFileRead, Subject: Ref(f.ID), After: map[string]int{
		"rows": len(f.Rows), "refused": f.Count(RowRefused),
	}})
}

const selectFile = `SELECT inviter, heading, sent_at FROM application_file WHERE id = $1`

// FileOf reads a file of people that somebody read in, as its rows are now.
func (d *Desk) FileOf(ctx context.Context, r db.R, inviter, id string) (f File, err error) {
	f.ID = id
	type head struct {
		inviter, heading string
		sent             time.Time
	}
	h, err := db.One(ctx, r, func(scan db.Scanner) (h head, err error) {
		err = scan(&h.inviter, &h.heading, db.At(&h.sent))
		return h, err
	}, selectFile, id)
	if err == nil && h.inviter != inviter {
		err = errWhose
	}
	if err == nil {
		err = json.Unmarshal([]byte(h.heading), &f.Heading)
	}
	if err != nil {
		return f, fmt.Errorf("read file of people: %w", err)
	}
	f.Sent = h.sent
	f.Rows, err = d.rows(ctx, r, id, `SELECT number, sealed, state, problem FROM application_row
		WHERE file = $1 ORDER BY number`)
	return f, err
}

func (d *Desk) rows(ctx context.Context, r db.R, id, query string) ([]Row, error) {
	list, err := db.All(ctx, r, func(scan db.Scanner) (row Row, err error) {
		var number int
		var sealed []byte
		var state RowState
		var problem string
		if err := scan(&number, &sealed, &state, &problem); err != nil {
			return row, err
		}
		text, err := d.Box.Open(sealed, sealedAs(id, fmt.Sprint(number)))
		if err == nil {
			err = json.Unmarshal(text, &row)
		}
		row.State = state
		row.Problem = problem
		return row, err
	}, query, id)
	if err != nil {
		return nil, fmt.Errorf("read rows of people: %w", err)
	}
	return list, nil
}

// RefusedFile writes the rows of a file that were refused, with the reason of each, to be mended and read again.
func (f File) RefusedFile() ([]byte, error) {
	var list []records.Refused
	for _, row := range f.Rows {
		if row.State == RowRefused {
			list = append(list, records.Refused{Number: row.Number, Reason: row.Problem, Cells: row.Cells})
		}
	}
	var out bytes.Buffer
	err := records.WriteRefused(&out, f.Heading, list)
	return out.Bytes(), err
}

// SendFile has the people of a file invited, one after the other, by a job.
func (d *Desk) SendFile(ctx context.Context, by actor.Actor, id string) error {
	return d.DB.Update(ctx, by, func(w *db.W) error {
		f, err := d.FileOf(ctx, w, w.Actor().ID, id)
		if err != nil || !f.Sent.IsZero() {
			return err // a second click
		}
		const send = `UPDATE application_file SET sent_at = $2 WHERE id = $1 AND sent_at IS NULL`
		if err := w.Change(ctx, send, id, w.Now()); err != nil {
			return fmt.Errorf("send file of people: %w", err)
		}
		if err := w.Enqueue(ctx, InviteFile{File: id, Inviter: w.Actor().ID}); err != nil {
			return err
		}
		return w.Record(ctx, audit.Event{Kind: eventFileSent, Subject: Ref(id)})
	})
}

// InviteFile is the job that invites the people of a file.
type InviteFile struct{ File, Inviter string }

// Kind names the job.
func (InviteFile) Kind() string { return "apply.invite-file" }

// inviteFile invites the people of a file one at a time, for whoever read it: what they may do is asked each time. It
// goes on where it stopped.
func (d *Desk) inviteFile(ctx context.Context, j InviteFile) error {
	by := actor.Actor{Kind: actor.Person, ID: j.Inviter}
	return job.InChunks(ctx, func(ctx context.Context) (more bool, err error) {
		list, err := db.Read(ctx, d.DB, func(r db.R) ([]Row, error) {
			return d.rows(ctx, r, j.File, `SELECT number, sealed, state, problem FROM application_row
				WHERE file = $1 AND state = 'ready' ORDER BY number LIMIT 1`)
		})
		if err != nil || len(list) == 0 {
			return false, err
		}
		row := list[0]
		err = d.DB.Update(ctx, by, func(w *db.W) error {
			if err := d.note(ctx, w, j.File, row.Number, RowInvited, ""); err != nil {
				return err
			}
			_, err := d.InviteIn(ctx, w, row.Who)
			return err
		})
		if err == nil {
			return true, nil
		}
		refused, err := row.refused(err)
		if err != nil {
			return false, err
		}
		return true, d.DB.Update(ctx, by, func(w *db.W) error {
			if err := d.note(ctx, w, j.File, row.Number, RowRefused, refused.Problem); err != nil {
				return err
			}
			return w.Record(ctx, audit.Event{Kind: eventRowRefused, Subject: Ref(j.File),
				After: map[string]int{"row": row.Number}})
		})
	})
}

func (d *Desk) note(ctx context.Context, w *db.W, file string, number int, s RowState, problem string) error {
	const put = `UPDATE application_row SET state = $3, problem = $4
		WHERE file = $1 AND number = $2 AND state = 'ready'`
	if err := w.Change(ctx, put, file, number, string(s), problem); err != nil {
		return fmt.Errorf("note what became of a row: %w", err)
	}
	return nil
}
