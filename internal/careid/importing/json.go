package importing

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"signpost/internal/careid/organisation"
	"signpost/internal/national/ods"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/sheet"
)

// The names of the forms that are JSON.
const (
	ordForm  = "ord"  // of the interface ORD
	fhirForm = "fhir" // of its successor
)

// isJSON reports whether a file that begins so is JSON.
func isJSON(begins []byte) bool {
	begins = bytes.TrimLeft(bytes.TrimPrefix(begins, []byte(sheet.ByteOrderMark)), " \t\r\n")
	return len(begins) > 0 && (begins[0] == '{' || begins[0] == '[')
}

// document is any JSON that may hold organisations: one organisation, several, or a bundle.
type document struct {
	ResourceType  string            `json:"resourceType"`
	Organisation  json.RawMessage   `json:"Organisation"`
	Organisations []json.RawMessage `json:"Organisations"`
	Entry         []struct {
		Resource json.RawMessage `json:"resource"`
	} `json:"entry"`
	OrgID json.RawMessage `json:"OrgId"`
}

var errNotJSON = fault.SayCure(fault.Invalid, "The file is not JSON from its beginning to its end.",
	"Save what the interface answered once more, and import that.")

// readJSON reads one document, a list, or one document a line.
func (r *Reading) readJSON(from io.Reader, progress func(int)) error {
	r.Form = ordForm
	r.Title = "organisations in JSON"
	decoder := json.NewDecoder(from)
	for {
		var one json.RawMessage
		err := decoder.Decode(&one)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return errNotJSON
		}
		if err := r.takeJSON(one); err != nil {
			return err
		}
		if r.Rows%maxBetween == 0 {
			progress(r.Rows)
		}
	}
}

// takeJSON takes the organisations of a document.
func (r *Reading) takeJSON(text json.RawMessage) error {
	if isList(text) {
		var list []json.RawMessage
		if err := json.Unmarshal(text, &list); err != nil {
			return errNotJSON
		}
		return r.takeEach(list)
	}
	var d document
	if err := json.Unmarshal(text, &d); err != nil {
		return r.takeRead(row{}, errNoOrganisation)
	}
	switch {
	case d.ResourceType == "Organization":
		r.Form = fhirForm
		return r.takeRead(readFHIR(text))
	case d.ResourceType != "":
		var list []json.RawMessage
		for _, entry := range d.Entry {
			list = append(list, entry.Resource)
		}
		return r.takeEach(list)
	case d.Organisations != nil:
		return r.takeEach(d.Organisations)
	case d.Organisation != nil:
		return r.takeRead(readORD(d.Organisation))
	case d.OrgID != nil:
		return r.takeRead(readORD(text))
	}
	return r.takeRead(row{}, errNoOrganisation)
}

func isList(text json.RawMessage) bool { return bytes.HasPrefix(bytes.TrimSpace(text), []byte("[")) }

func (r *Reading) takeEach(list []json.RawMessage) error {
	for _, one := range list {
		if isList(one) {
			return errNotJSON
		}
		if err := r.takeJSON(one); err != nil {
			return err
		}
	}
	return nil
}

// takeRead takes one organisation, which is numbered by its place among them.
func (r *Reading) takeRead(one row, err error) error {
	one.number = r.Rows + 1
	one.cells = []string{one.code, one.record.Name, one.record.Postcode, string(one.record.Status)}
	return r.take(one, err)
}

var errNoOrganisation = fault.OfField("code", "This is no organisation of the Organisation Data Service. Leave it out")

// period is from when to when something held. ORD writes the operational one and the legal one; the first counts.
type period struct {
	Type       string
	Start, End string
}

func between(list []period) (from, to string) {
	for _, p := range list {
		if from == "" || p.Type == "Operational" {
			from = dayIn(p.Start)
			to = dayIn(p.End)
		}
	}
	return from, to
}

// ord is an organisation as ORD gives it, whole or as one of a list.
type ord struct {
	Name   string
	Status string
	Date   []period
	OrgID  identifier `json:"OrgId"`
	GeoLoc struct {
		Location struct {
			AddrLn1, AddrLn2, AddrLn3, Town, County, PostCode string
		}
	}
	Contacts struct {
		Contact []struct {
			Type  string `json:"type"`
			Value string `json:"value"`
		}
	}
	Roles struct {
		Role []struct {
			ID      ods.RoleID `json:"id"`
			Primary bool       `json:"primaryRole"`
			Status  string
			Date    []period
		}
	}
	Rels struct {
		Rel []struct {
			ID     ods.RelationID `json:"id"`
			Status string
			Date   []period
			Target struct {
				OrgID identifier `json:"OrgId"`
			}
		}
	}
	Succs struct {
		Succ []struct {
			Type   string
			Date   []period
			Target struct {
				OrgID identifier `json:"OrgId"`
			}
		}
	}
	PostCode      string
	PrimaryRoleID ods.RoleID `json:"PrimaryRoleId"`
}

// identifier is an ODS code: by itself in lists, and with who gave it in whole organisations.
type identifier string

// UnmarshalJSON reads either form.
func (i *identifier) UnmarshalJSON(text []byte) error {
	var whole struct {
		Extension string `json:"extension"`
	}
	if len(text) > 0 && text[0] == '{' {
		err := json.Unmarshal(text, &whole)
		*i = identifier(whole.Extension)
		return err
	}
	return json.Unmarshal(text, (*string)(i))
}

// readORD reads an organisation of ORD.
func readORD(text json.RawMessage) (to row, err error) {
	var from ord
	if err := json.Unmarshal(text, &from); err != nil {
		return to, fault.OfField("code", fmt.Sprintf("This organisation cannot be read: %v", fault.InOneLine(err)))
	}
	at := from.GeoLoc.Location
	if err := to.begin(string(from.OrgID), from.Name, from.Status, cmp.Or(at.PostCode, from.PostCode)); err != nil {
		return to, err
	}
	o := &to.record
	o.Address = joined(at.AddrLn1, at.AddrLn2, at.AddrLn3, at.Town, at.County)
	o.Opened, o.Closed = between(from.Date)
	o.Role = from.PrimaryRoleID
	for _, contact := range from.Contacts.Contact {
		if contact.Type == "tel" {
			o.Phone = contact.Value
		}
	}
	for _, role := range from.Roles.Role {
		if role.Primary && role.Status != "Inactive" {
			o.Role = role.ID
			continue
		}
		one := organisation.Role{ID: role.ID, Ended: role.Status == "Inactive"}
		one.From, one.To = between(role.Date)
		o.Roles = append(o.Roles, one)
	}
	for _, rel := range from.Rels.Rel {
		one := organisation.Relation{ID: rel.ID, Target: string(rel.Target.OrgID), Ended: rel.Status == "Inactive"}
		one.From, one.To = between(rel.Date)
		o.Relations = append(o.Relations, one)
	}
	for _, succ := range from.Succs.Succ {
		one := organisation.Succession{Code: string(succ.Target.OrgID), After: succ.Type == "Successor"}
		one.On, _ = between(succ.Date)
		o.Followed = append(o.Followed, one)
	}
	return to, nil
}

// begin reads what every organisation must have.
func (r *row) begin(code, name, status, postcode string) (err error) {
	r.record.Name = name // for the refusal, whatever is wrong
	r.code = code
	if r.code, err = codeIn(code); err != nil {
		return err
	}
	if r.record.Name, err = nameIn(name); err != nil {
		return err
	}
	if r.record.Status, err = statusIn(status); err != nil {
		return err
	}
	r.record.Postcode, err = postcodeIn(postcode)
	return err
}

// fhir is an Organization of FHIR R4 with the profile of the Organisation Data Service.
type fhir struct {
	Active     *bool  `json:"active"`
	Name       string `json:"name"`
	Identifier []struct {
		System string `json:"system"`
		Value  string `json:"value"`
	} `json:"identifier"`
	Telecom []struct {
		System string `json:"system"`
		Value  string `json:"value"`
	} `json:"telecom"`
	Address []struct {
		Line       []string `json:"line"`
		City       string   `json:"city"`
		District   string   `json:"district"`
		PostalCode string   `json:"postalCode"`
	} `json:"address"`
	Extension []extension `json:"extension"`
}

type extension struct {
	URL       string      `json:"url"`
	Extension []extension `json:"extension"`
	Concept   struct {
		Coding []struct {
			Code ods.RoleID `json:"code"`
		} `json:"coding"`
	} `json:"valueCodeableConcept"`
	Period struct {
		Start string `json:"start"`
		End   string `json:"end"`
	} `json:"valuePeriod"`
}

// odsSystem names ODS codes in FHIR.
const odsSystem = "https://fhir.nhs.uk/Id/ods-organization-code"

// readFHIR reads an Organization.
func readFHIR(text json.RawMessage) (to row, err error) {
	var from fhir
	if err := json.Unmarshal(text, &from); err != nil {
		return to, fault.OfField("code", fmt.Sprintf("This organisation cannot be read: %v", fault.InOneLine(err)))
	}
	code := ""
	for _, id := range from.Identifier {
		if id.System == odsSystem {
			code = id.Value
		}
	}
	status := "ACTIVE"
	if from.Active != nil && !*from.Active {
		status = "INACTIVE"
	}
	var lines []string
	postcode := ""
	if len(from.Address) > 0 {
		at := from.Address[0]
		lines = append(at.Line, at.City, at.District)
		postcode = at.PostalCode
	}
	if err := to.begin(code, from.Name, status, postcode); err != nil {
		return to, err
	}
	to.record.Address = joined(lines...)
	for _, t := range from.Telecom {
		if t.System == "phone" {
			to.record.Phone = t.Value
		}
	}
	for _, e := range from.Extension {
		to.addRole(e)
	}
	return to, nil
}

// addRole adds the role that an extension holds, if it holds one. The first one that has not ended, and that is not
// one that stands beside another, is the primary one.
func (r *row) addRole(e extension) {
	var role organisation.Role
	for _, part := range e.Extension {
		switch {
		case strings.HasSuffix(part.URL, "roleCode") && len(part.Concept.Coding) > 0:
			role.ID = part.Concept.Coding[0].Code
		case part.Period.Start != "" || part.Period.End != "":
			role.From = dayIn(part.Period.Start)
			role.To = dayIn(part.Period.End)
		}
		for _, inner := range part.Extension {
			if inner.Period.Start != "" {
				role.From = dayIn(inner.Period.Start)
				role.To = dayIn(inner.Period.End)
			}
		}
	}
	role.Ended = role.To != ""
	switch {
	case role.ID == "":
	case r.record.Role == "" && !role.Ended && role.ID != ods.GPPractice && role.ID != ods.IntegratedCareBoard:
		r.record.Role = role.ID
	default:
		r.record.Roles = append(r.record.Roles, role)
	}
}
