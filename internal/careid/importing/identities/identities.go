// Package identities reads the care identities of another system from a file, holds them against each other and against
// those that are here, and says which rows cannot be taken and why. What is taken is written by platform/records.
//
// Nobody who is here already is changed by a file: their details have rules of their own. The package does not know
// what people may do, nor how they prove who they are.
package identities

import (
	"context"
	"fmt"
	"io"
	"strings"

	"signpost/internal/careid/identity"
	"signpost/internal/careid/identity/detail"
	"signpost/internal/national/ods"
	"signpost/internal/platform/clock"
	"signpost/internal/platform/email"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/records"
	"signpost/internal/platform/sheet"
	"signpost/internal/platform/sheet/cell"
)

// Form is how a file of care identities is called.
const Form = "identities"

var columns = sheet.Options{
	Columns: []string{"given_name", "family_name", "organisation"},
	Optional: []string{"uuid", "title", "middle_names", "preferred_name", "birth_date", "ni_number", "email",
		"email_verified", "mobile", "status", "verified", "assurance_level", "created"},
	Aliases: map[string][]string{
		"uuid":            {"care_identity", "care_identity_number", "nhs_id", "smartcard_id", "user_id", "nhsid"},
		"given_name":      {"first_name", "forename", "given_names"},
		"middle_names":    {"middle_name", "other_names"},
		"family_name":     {"last_name", "surname"},
		"preferred_name":  {"known_as", "display_name"},
		"birth_date":      {"date_of_birth", "dob"},
		"ni_number":       {"national_insurance_number", "nino", "ni"},
		"email":           {"email_address", "work_email", "e_mail_address"},
		"email_verified":  {"email_confirmed"},
		"mobile":          {"mobile_number", "mobile_phone"},
		"organisation":    {"ods_code", "organisation_code", "org_code", "organization"},
		"status":          {"state", "identity_status", "profile_status"},
		"verified":        {"identity_verified"},
		"assurance_level": {"id_assurance_level", "level_of_assurance"},
		"created":         {"created_at", "created_date", "date_created", "created_on"},
	},
}

// Reading is the result of reading a file.
type Reading struct {
	Rows      int
	Unchanged int // rows about people who are here already as the row says
	Refused   []records.Refused
	Notes     []records.Refused // rows that were taken with a correction
	About     []string          // how the file was read where it is not as most are
	People    []Person

	heading []string
}

// WriteRefused writes the refused rows as a CSV file that can be mended and imported.
func (r Reading) WriteRefused(to io.Writer) error {
	return records.WriteRefused(to, r.heading, r.Refused)
}

// Person is a row that can be taken, as far as the file alone says.
type Person struct {
	identity.Imported

	BirthDate detail.BirthDate
	Mobile    string
	NI        detail.NINumber

	number int
	cells  []string
	key    string // the same for two people of one name who were born on one day; empty where the day is not known
}

// refuse refuses the row of somebody.
func (r *Reading) refuse(p Person, err error) {
	r.Refused = append(r.Refused, records.Refuse(p.number, p.cells, err))
}

// maxBetween is how many rows are read before progress is told.
const maxBetween = 1000

// Read reads a whole file. progress is told how many rows were read.
func Read(from io.Reader, c clock.Clock, progress func(rows int)) (r Reading, err error) {
	file, err := sheet.Look(from, 0)
	if err != nil {
		return r, err
	}
	rows, err := file.Open(columns)
	if err != nil {
		return r, err
	}
	r.heading = rows.Heading()
	seen := inFile{uuids: map[string]int{}, numbers: map[detail.NINumber]int{}}
	err = rows.Each(func(row sheet.Row) error {
		r.Rows++
		if r.Rows%maxBetween == 0 {
			progress(r.Rows)
		}
		p, problem := personIn(row, c)
		if problem == nil {
			problem = seen.again(p)
		}
		if problem != nil {
			r.refuse(p, problem)
		} else {
			r.People = append(r.People, p)
		}
		return nil
	})
	r.About = rows.Notes()
	return r, err
}

// inFile are the rows in which numbers stand that only one person has.
type inFile struct {
	uuids   map[string]int
	numbers map[detail.NINumber]int
}

// again refuses somebody who is in the file twice.
func (f inFile) again(p Person) error {
	const twice = "Repeats row %d: remove the one that is wrong"
	if first, is := f.uuids[p.UUID]; is && p.UUID != "" {
		return fault.OfField("uuid", fmt.Sprintf(twice, first))
	}
	if first, is := f.numbers[p.NI]; is && p.NI != "" {
		return fault.OfField("ni_number", fmt.Sprintf(twice, first))
	}
	f.uuids[p.UUID] = p.number
	f.numbers[p.NI] = p.number
	return nil
}

// personIn reads a row.
func personIn(row sheet.Row, c clock.Clock) (Person, error) {
	p := Person{number: row.Number, cells: row.Original()}
	if row.Refused != nil {
		return p, row.Refused
	}
	p.Imported = identity.Imported{
		UUID: identity.ReadNumber(row.Get("uuid")), Title: row.Get("title"), GivenName: row.Get("given_name"),
		MiddleNames: row.Get("middle_names"), FamilyName: row.Get("family_name"),
		PreferredName: row.Get("preferred_name"),
	}
	for _, read := range []func(sheet.Row) error{
		p.readStatus, p.readAssurance, p.readOrganisation, p.readEmail, p.readMobile, p.readNI,
	} {
		if err := read(row); err != nil {
			return p, err
		}
	}
	if err := p.readBirthDate(row, c); err != nil {
		return p, err
	}
	return p, p.Problem()
}

// statuses are what other systems call those of care identities.
var statuses = map[string]identity.Status{
	"": identity.Active, "active": identity.Active, "open": identity.Active, "enabled": identity.Active,
	"suspended": identity.Suspended, "inactive": identity.Suspended, "disabled": identity.Suspended,
	"closed": identity.Closed, "left": identity.Closed,
}

func (p *Person) readStatus(row sheet.Row) error {
	status, known := statuses[cell.Plain(row.Get("status"))]
	if !known {
		return cell.NotOne(row, "status", "a status", "Enter active, suspended or closed")
	}
	p.Status = status
	return nil
}

// usualLevel is the assurance level of an identity whose documents were seen.
const usualLevel = 3

func (p *Person) readAssurance(row sheet.Row) (err error) {
	if p.Verified, err = cell.YesOrNo(row, "verified"); err != nil {
		return err
	}
	if p.Verified {
		p.AssuranceLevel = usualLevel
	}
	switch text := row.Get("assurance_level"); text {
	case "":
	case "0", "1", "2", "3":
		p.AssuranceLevel = int(text[0] - '0')
	default:
		return cell.NotOne(row, "assurance_level", "an assurance level", "Enter 0, 1, 2 or 3")
	}
	p.Created, err = cell.Moment(row, "created")
	return err
}

func (p *Person) readOrganisation(row sheet.Row) error {
	code, err := ods.Parse(row.Get("organisation"))
	if err != nil {
		return cell.NotOne(row, "organisation", "an ODS code", "Enter one of 3 to 12 letters and digits, like FA123")
	}
	p.Organisation = string(code)
	return nil
}

func (p *Person) readEmail(row sheet.Row) (err error) {
	if p.EmailVerified, err = cell.YesOrNo(row, "email_verified"); err != nil {
		return err
	}
	text := row.Get("email")
	if text == "" {
		if p.EmailVerified {
			return fault.OfField("email", "Enter the address that was confirmed, or no under email_verified")
		}
		return nil
	}
	address, err := email.ParseNew(text)
	if f, known := fault.From(err); known {
		return fault.OfField("email", "In "+fault.Quoted(text)+": "+f.Message)
	}
	p.Email = address.String()
	p.EmailCanonical, _ = address.Canonical()
	return err
}

func (p *Person) readMobile(row sheet.Row) (err error) {
	p.Mobile, err = detail.ParseMobile(row.Get("mobile"))
	return err
}

func (p *Person) readNI(row sheet.Row) (err error) {
	if row.Get("ni_number") == "" {
		return nil
	}
	p.NI, err = detail.ParseNI(row.Get("ni_number"))
	return err
}

func (p *Person) readBirthDate(row sheet.Row, c clock.Clock) error {
	if row.Get("birth_date") == "" {
		return nil
	}
	day, err := cell.Date(row, "birth_date")
	if err != nil {
		return err
	}
	p.BirthDate, err = detail.ParseBirthDate(detail.BirthDate(day).Typed(), c.Now())
	p.key = personKey(p.GivenName, p.FamilyName, p.BirthDate)
	return err
}

// described says who somebody is, for a message of the operator.
func described(given, family, uuid string) string {
	return strings.TrimSpace(given+" "+family) + ", " + uuid
}

// Prepared are the records of the people of a reading, with numbers for those who have none yet.
func (r Reading) Prepared(ctx context.Context, door Door) ([]records.Wanted, error) {
	if err := r.number(ctx, door); err != nil {
		return nil, err
	}
	list := make([]records.Wanted, 0, len(r.People))
	for _, p := range r.People {
		one, err := p.wanted(door.Box)
		if err != nil {
			return nil, err
		}
		list = append(list, one)
	}
	return list, nil
}
