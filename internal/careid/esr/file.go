package esr

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"signpost/internal/careid/identity"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/clock"
	"signpost/internal/platform/db"
	"signpost/internal/platform/email"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/sheet"
)

// Columns are those of a file of staff records, under the headings that people write.
var Columns = sheet.Options{
	Columns:  []string{"uuid", "email"},
	Optional: []string{"left"},
	Aliases: map[string][]string{
		"uuid":  {"care_identity", "care_identity_number", "nhs_id", "smartcard_id", "user_id"},
		"email": {"email_address", "work_email", "office_email", "e_mail_address"},
		"left":  {"leaving_date", "actual_termination_date", "termination_date", "end_date", "left_on"},
	},
}

// Refused is a row that cannot be read, with the reason and what to do about it.
type Refused struct {
	Row    int    `json:"row"`
	Column string `json:"column,omitempty"`
	Reason string `json:"reason"`
}

// Reading is what a file holds.
type Reading struct {
	Rows    int
	Records []Record
	Refused []Refused
}

func (r *Reading) refuse(row int, err error) {
	one := Refused{Row: row, Reason: err.Error()}
	if f, known := fault.From(err); known {
		one.Column = f.Field
		one.Reason = f.Message
	}
	r.Refused = append(r.Refused, one)
}

// Read reads a file of staff records. A person has a row for each of their assignments, which make one record: nobody
// has left while one of them stands. Where one of their rows is refused, none of them is taken.
func Read(file *sheet.File) (r Reading, err error) {
	rows, err := file.Open(Columns)
	if err != nil {
		return r, err
	}
	var list []rowRead
	for {
		row, err := rows.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return r, err
		}
		one, problem := recordIn(row)
		one.Row = row.Number
		list = append(list, rowRead{one, problem})
	}
	r.Rows = len(list)
	r.take(list)
	return r, nil
}

// rowRead is a row, or the reason why it cannot be read.
type rowRead struct {
	Record

	problem error
}

// take makes records of rows.
func (r *Reading) take(list []rowRead) {
	at := map[string]int{}      // where the record of somebody stands
	refused := map[string]int{} // a row of theirs that was refused
	for _, one := range list {
		i, there := at[one.UUID]
		if one.problem == nil && there {
			r.Records[i], one.problem = join(r.Records[i], one.Record)
		} else if one.problem == nil {
			at[one.UUID] = len(r.Records)
			r.Records = append(r.Records, one.Record)
		}
		if one.problem != nil {
			r.refuse(one.Row, one.problem)
			refused[one.UUID] = one.Row
		}
	}
	r.Records = slices.DeleteFunc(r.Records, func(one Record) bool {
		row := refused[one.UUID]
		if row > 0 {
			r.refuse(one.Row, fault.OfField("uuid", fmt.Sprintf("Row %d of the same person is refused, so "+
				"nothing is taken of them. Correct that one", row)))
		}
		return row > 0
	})
}

// join makes one record of two rows of a person: that of the assignment which stands, or ended last.
func join(one, other Record) (Record, error) {
	if one.Left.Equal(other.Left) {
		if one.EmailKey != "" && other.EmailKey != "" && one.EmailKey != other.EmailKey {
			return one, fault.OfField("email", fmt.Sprintf("Row %d of the same person has another email address. "+
				"Leave out the one that is not used", one.Row))
		}
		if one.EmailKey == "" {
			return other, nil
		}
		return one, nil
	}
	if !one.Left.IsZero() && (other.Left.IsZero() || other.Left.After(one.Left)) {
		return other, nil
	}
	return one, nil
}

func recordIn(row sheet.Row) (one Record, err error) {
	if row.Refused != nil {
		return one, row.Refused
	}
	if one.UUID = identity.ReadNumber(row.Get("uuid")); !identity.IsNumber(one.UUID) {
		return one, fault.OfField("uuid", "Is no number of a Care Identity. Enter its 12 digits")
	}
	if text := row.Get("email"); text != "" {
		address, err := email.Parse(text)
		if err != nil {
			return one, fault.OfField("email", fault.Quoted(text)+" is no email address. Enter one, or leave it empty")
		}
		one.Email = address.String()
		one.EmailKey, _ = address.Canonical()
	}
	one.Left, err = dayIn(row.Get("left"))
	return one, err
}

// dayIn reads a day, in Britain; zero if there is none.
func dayIn(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	for _, form := range []string{time.DateOnly, "02/01/2006", "02-Jan-2006", "2 January 2006"} {
		if day, err := time.ParseInLocation(form, text, clock.London); err == nil {
			return day.UTC(), nil
		}
	}
	return time.Time{}, fault.OfField("left", fault.Quoted(text)+" is no date. Enter one like 2026-05-31 or 31/05/2026")
}

// chunk is how many records are looked for or written together.
const chunk = 500

// Check refuses the records of numbers that no Care Identity has.
func Check(ctx context.Context, d *db.DB, r Reading) (Reading, error) {
	records := r.Records
	r.Records = nil
	for some := range slices.Chunk(records, chunk) {
		var uuids []string
		for _, one := range some {
			uuids = append(uuids, one.UUID)
		}
		known, err := db.Read(ctx, d, func(read db.R) (map[string]identity.Identity, error) {
			return identity.ByUUIDs(ctx, read, uuids)
		})
		if err != nil {
			return r, err
		}
		for _, one := range some {
			if _, there := known[one.UUID]; !there {
				r.refuse(one.Row, fault.OfField("uuid",
					"No Care Identity has the number "+one.UUID+". Correct it, or leave out the row"))
				continue
			}
			r.Records = append(r.Records, one)
		}
	}
	return r, nil
}

// Save writes the records of a file in place of those that there were of the same people.
func Save(ctx context.Context, d *db.DB, by actor.Actor, r Reading) error {
	for some := range slices.Chunk(r.Records, chunk) {
		if err := d.Update(ctx, by, func(w *db.W) error { return Put(ctx, w, some) }); err != nil {
			return err
		}
	}
	return nil
}
