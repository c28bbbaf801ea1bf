package staffrecord

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"

	"signpost/internal/careid/identity"
	"signpost/internal/careid/identity/detail"
	"signpost/internal/national/ods"
	"signpost/internal/platform/clock"
	"signpost/internal/platform/email"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/name"
	"signpost/internal/platform/records"
	"signpost/internal/platform/sheet"
	"signpost/internal/platform/sheet/cell"
)

// Form is how a file of messages is called.
const Form = "staff-messages"

// MaxMessages is how many messages one file may hold.
const MaxMessages = 20_000

var columns = sheet.Options{
	Columns: []string{"id", "message", "organisation"},
	Optional: []string{
		"employee", "uuid", "assignment", "title", "given_name", "middle_names", "family_name", "email", "birth_date",
		"ni_number", "staff_position", "position", "starts", "ends",
	},
	Aliases: map[string][]string{
		"id": {"message_id"}, "message": {"message_type", "type"},
		"organisation": {"ods_code", "organisation_code", "org_code"},
		"employee":     {"employee_number"}, "assignment": {"assignment_number"},
		"uuid":       {"care_identity", "nhs_id", "smartcard_id", "user_id"},
		"given_name": {"first_name", "forename"}, "middle_names": {"middle_name"},
		"family_name": {"last_name", "surname"},
		"email":       {"email_address", "work_email"}, "birth_date": {"date_of_birth", "dob"},
		"ni_number": {"national_insurance_number", "nino"}, "staff_position": {"position_number"},
		"position": {"position_id"}, "starts": {"start_date"}, "ends": {"end_date"},
	},
	MaxRows: MaxMessages,
}

// Reading is the result of reading a file.
type Reading struct {
	Rows     int
	Messages []Message
	Refused  []records.Refused
	About    []string // how the file was read where it is not as most are

	heading []string
	seen    map[string]int
}

// WriteRefused writes the refused rows as a CSV file that can be mended and sent.
func (r Reading) WriteRefused(to io.Writer) error {
	return records.WriteRefused(to, r.heading, r.Refused)
}

// Read reads a whole file: CSV, a workbook, a list in JSON, or JSON with one message a line.
func Read(from io.Reader, c clock.Clock, progress func(rows int)) (r Reading, err error) {
	from, err = withoutJSON(from)
	if err != nil {
		return r, err
	}
	file, err := sheet.Look(from, 0)
	if err != nil {
		return r, err
	}
	rows, err := file.Open(columns)
	if err != nil {
		return r, err
	}
	r.heading = rows.Heading()
	r.seen = map[string]int{}
	err = rows.Each(func(row sheet.Row) error {
		r.Rows++
		if r.Rows%1000 == 0 {
			progress(r.Rows)
		}
		r.take(row, c.Now())
		return nil
	})
	r.About = rows.Notes()
	return r, err
}

func (r *Reading) take(row sheet.Row, now time.Time) {
	m, err := messageIn(row, now)
	key := m.Organisation + "\n" + m.ID
	if first, is := r.seen[key]; err == nil && is {
		err = fault.OfField("id", fmt.Sprintf("Row %d of the file has this id too. Give each message its own", first))
	}
	if err != nil {
		r.Refused = append(r.Refused, records.Refuse(row.Number, row.Original(), err))
		return
	}
	r.seen[key] = row.Number
	r.Messages = append(r.Messages, m)
}

var errNotJSON = fault.SayCure(fault.Invalid, "The file is not JSON from its beginning to its end.",
	"Write a list of messages, or one message a line, each an object whose values are texts.")

// withoutJSON gives a file as it is, or one of JSON as rows.
func withoutJSON(from io.Reader) (io.Reader, error) {
	begin := bufio.NewReader(from)
	first, _ := begin.Peek(64)
	first = bytes.TrimLeft(bytes.TrimPrefix(first, []byte(sheet.ByteOrderMark)), " \t\r\n")
	if len(first) == 0 || first[0] != '{' && first[0] != '[' {
		return begin, nil
	}
	list, err := objectsIn(begin)
	if err != nil {
		return nil, err
	}
	heading := slices.Concat(columns.Columns, columns.Optional)
	rows := make([][]string, 0, len(list))
	for i, one := range list {
		row := make([]string, len(heading))
		for field, value := range one {
			at := slices.Index(heading, field)
			if at < 0 {
				return nil, fault.SayCure(fault.Invalid,
					fmt.Sprintf("Message %d has the field %s, which no message has.", i+1, fault.Quoted(field)),
					"The fields are "+strings.Join(heading, ", ")+".")
			}
			row[at] = value
		}
		rows = append(rows, row)
	}
	text, err := sheet.CSV(heading, rows)
	return bytes.NewReader(text), err
}

func objectsIn(from io.Reader) (list []map[string]string, err error) {
	decoder := json.NewDecoder(from)
	for len(list) <= MaxMessages {
		var one json.RawMessage
		err := decoder.Decode(&one)
		if errors.Is(err, io.EOF) {
			return list, nil
		}
		if err != nil {
			return nil, errNotJSON
		}
		var object map[string]string
		var several []map[string]string
		if json.Unmarshal(one, &object) == nil {
			several = append(several, object)
		} else if json.Unmarshal(one, &several) != nil {
			return nil, errNotJSON
		}
		list = append(list, several...)
	}
	return list, nil
}

// messageIn reads a row.
func messageIn(row sheet.Row, now time.Time) (m Message, err error) {
	if row.Refused != nil {
		return m, row.Refused
	}
	m = Message{
		ID: row.Get("id"), Kind: Kind(row.Get("message")), Employee: row.Get("employee"),
		Assignment: row.Get("assignment"), Title: row.Get("title"), GivenName: row.Get("given_name"),
		MiddleNames: row.Get("middle_names"), FamilyName: row.Get("family_name"),
		StaffPosition: row.Get("staff_position"), Position: row.Get("position"),
	}
	code, err := ods.Parse(row.Get("organisation"))
	if err != nil {
		return m, cell.NotOne(row, "organisation", "an ODS code", "Enter one of 3 to 12 letters and digits, like FA123")
	}
	m.Organisation = string(code)
	for _, read := range []func(sheet.Row, time.Time) error{m.readPerson, m.readDates} {
		if err := read(row, now); err != nil {
			return m, err
		}
	}
	return m, m.Check()
}

func (m *Message) readPerson(row sheet.Row, now time.Time) (err error) {
	if text := row.Get("uuid"); text != "" {
		if m.UUID = identity.ReadNumber(text); !identity.IsNumber(m.UUID) {
			return cell.NotOne(row, "uuid", "the number of a Care Identity", "Enter its 12 digits")
		}
	}
	if text := row.Get("email"); text != "" {
		address, err := email.Parse(text)
		if err != nil {
			return cell.NotOne(row, "email", "an email address", "Enter one, or leave it empty")
		}
		m.Email = address.String()
	}
	if row.Get("ni_number") != "" {
		if m.NI, err = detail.ParseNI(row.Get("ni_number")); err != nil {
			return err
		}
	}
	if row.Get("birth_date") == "" {
		return nil
	}
	day, err := cell.Date(row, "birth_date")
	if err != nil {
		return err
	}
	m.BirthDate, err = detail.ParseBirthDate(detail.BirthDate(day).Typed(), now)
	return err
}

func (m *Message) readDates(row sheet.Row, _ time.Time) (err error) {
	if m.Starts, err = cell.Moment(row, "starts"); err != nil {
		return err
	}
	if m.Ends, err = cell.Moment(row, "ends"); err != nil || m.Ends.IsZero() {
		return err
	}
	if local := m.Ends.In(clock.London); local.Hour()+local.Minute()+local.Second() == 0 { // the last day
		m.Ends = time.Date(local.Year(), local.Month(), local.Day()+1, 0, 0, 0, 0, clock.London).UTC()
	}
	return nil
}

// needs are the fields that a message of each kind cannot be without.
var needs = map[Kind][]string{
	SearchPerson:   {"family_name"},
	CreatePerson:   {"employee", "given_name", "family_name", "birth_date", "ni_number"},
	Associate:      {"employee", "uuid", "family_name", "ni_number"},
	ModifyPerson:   {"employee"},
	LinkPosition:   {"staff_position", "position"},
	AssignPosition: {"employee", "assignment", "staff_position"},
	EndAssignment:  {"assignment", "ends"},
}

var token = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._/-]{0,63}$`)

// Check says what is wrong with a message, at its field.
func (m Message) Check() error {
	needed, known := needs[m.Kind]
	if !known {
		var names []string
		for _, k := range Kinds() {
			names = append(names, string(k))
		}
		return fault.OfField("message", fault.Quoted(string(m.Kind))+" is no message. Enter one of "+
			strings.Join(names, ", "))
	}
	fields := m.fields()
	for _, field := range needed {
		if fields[field] == "" {
			return fault.OfField(field,
				"Fill in the "+strings.ReplaceAll(field, "_", " ")+": "+string(m.Kind)+" needs it")
		}
	}
	for _, field := range []string{"id", "employee", "assignment", "staff_position"} {
		if text := fields[field]; (text != "" || field == "id") && !token.MatchString(text) {
			return fault.OfField(field,
				fault.Quoted(text)+" is no such number. Enter 1 to 64 letters, digits, dots and dashes")
		}
	}
	for _, field := range []string{"title", "given_name", "middle_names", "family_name"} {
		if problem := name.Problem(fields[field]); fields[field] != "" && problem != "" {
			return fault.OfField(field, "In "+fault.Quoted(fields[field])+": "+problem)
		}
	}
	if !m.Starts.IsZero() && !m.Ends.IsZero() && !m.Starts.Before(m.Ends) {
		return fault.OfField("ends", "The last day must not be before the start date")
	}
	return nil
}

// fields are the texts of a message by the names of their columns.
func (m Message) fields() map[string]string {
	f := map[string]string{
		"id": m.ID, "employee": m.Employee, "uuid": m.UUID, "assignment": m.Assignment, "title": m.Title,
		"given_name": m.GivenName, "middle_names": m.MiddleNames, "family_name": m.FamilyName,
		"birth_date": string(m.BirthDate), "ni_number": string(m.NI), "staff_position": m.StaffPosition,
		"position": m.Position,
	}
	if !m.Ends.IsZero() {
		f["ends"] = "known"
	}
	return f
}
