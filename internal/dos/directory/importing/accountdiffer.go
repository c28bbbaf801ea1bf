package importing

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/directory/exporting"
	"signpost/internal/platform/fault"
)

// Difference is one detail in which a row says otherwise than the account that is there.
type Difference struct {
	Row     int    `json:"row"`
	Account string `json:"account"`
	Field   string `json:"column"`
	There   string `json:"there"`
	Here    string `json:"in_the_file"`
	// fixed says that no import changes it: usernames, addresses, kinds, states and rights have rules of their own.
	fixed bool
}

// changed is what an account would be if its row changed it: what the file has no column for stays.
func (o person) changed(a account.Account) account.Changeable {
	c := a.Changeable()
	for column, text := range map[string]struct {
		there *string
		here  string
	}{
		"first_name": {&c.FirstName, o.FirstName}, "last_name": {&c.LastName, o.LastName},
		"organisation": {&c.Organisation, o.Organisation}, "phone": {&c.Phone, o.Phone},
		"access_reason": {&c.AccessReason, o.AccessReason}, "approved_by": {&c.ApprovedBy, o.ApprovedBy},
	} {
		if o.has(column) {
			*text.there = text.here
		}
	}
	if o.has("region") || o.Region != "" {
		c.Region = o.Region
	}
	if o.has("approved_date") {
		c.Approved = o.Approved
	}
	return c
}

// losesOrganisation reports whether a row would leave an account that is there without an organisation, as it names one
// that is not known.
func (o person) losesOrganisation(a account.Account) bool {
	return o.organisation != "" && o.Organisation == "" && a.Organisation != ""
}

func errUnknownOrganisation(named, has string) error {
	return fault.OfField("organisation", "The organisation "+fault.Quoted(named)+" is not known, and the account is "+
		"at "+fault.Quoted(has)+": "+cureOrganisation)
}

// differences lists in what a row differs from the account that is there. What changes by use, such as the password,
// does not count, nor does what the file has no column for.
func (n names) differences(row int, a account.Account, grants account.Grants, o person) (list []Difference) {
	add := func(field, there, here string, fixed bool) {
		if there != here {
			list = append(list, Difference{Row: row, Account: a.Username, Field: field, There: there, Here: here,
				fixed: fixed})
		}
	}
	before := a.Changeable()
	after := o.changed(a)
	add("first_name", before.FirstName, after.FirstName, false)
	add("last_name", before.LastName, after.LastName, false)
	add("phone", before.Phone, after.Phone, false)
	add("organisation", before.Organisation, after.Organisation, false)
	add("region", n.called(before.Region), n.called(after.Region), false)
	add("access_reason", before.AccessReason, after.AccessReason, false)
	add("approved_by", before.ApprovedBy, after.ApprovedBy, false)
	add("approved_date", dated(before.Approved), dated(after.Approved), false)
	add("email", a.EmailKey, o.emailKey, true)
	if o.has("kind") || o.has("shared") || o.has("web_service_only") {
		add("kind", string(a.Kind), string(o.Kind), true)
	}
	if o.has("status") {
		add("status", statusText[a.Active], statusText[o.Active], true)
	}
	for _, column := range []struct {
		name  string
		group bool
	}{{"groups", true}, {"permissions", false}} {
		if o.has(column.name) {
			add(column.name, n.rights(grants, column.group), n.rights(o.Grants, column.group), true)
		}
	}
	return list
}

var statusText = map[bool]string{true: "ACTIVE", false: "INACTIVE"}

func dated(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.UTC().Format(time.RFC3339Nano)
}

// called names a region or service by its number, or by its id where it is not known.
func (n names) called(id string) string { return cmp.Or(n.numbers[id], id) }

// rights words the groups of an account, or its other permissions, in an order that does not depend on how they were
// given.
func (n names) rights(grants account.Grants, inGroups bool) string {
	var texts []string
	for _, g := range grants {
		if (g.Group != "") != inGroups {
			continue
		}
		what := string(g.Permission)
		if inGroups {
			what = g.Group.Title()
		}
		if text := what + " @ " + exporting.PlaceText(g.Scope, n.called); !slices.Contains(texts, text) {
			texts = append(texts, text)
		}
	}
	slices.Sort(texts)
	return strings.Join(texts, "; ")
}

// otherDetails refuses a row about an account that is there and is not as the row says.
func otherDetails(a account.Account, differences []Difference) error {
	var fields []string
	fixed := false
	for _, d := range differences {
		fields = append(fields, strings.ReplaceAll(d.Field, "_", " "))
		fixed = fixed || d.fixed
	}
	cure := ". To change it, import with --change-existing; or leave out the row"
	if fixed {
		cure = ". An import changes no email, kind, status, group or permission of an account that is there: change " +
			"it on its page, or leave out the row"
	}
	return fault.OfField("username", "The account "+fault.Quoted(a.Username)+" is there already, with another "+
		strings.Join(fields, ", ")+cure)
}
