// Package named reads whom somebody names, in a list that they pasted or in the cells of a row: people by the numbers
// of their Care Identities, or by their email addresses.
//
// It does not know whether there is anybody of that number or address.
package named

import (
	"strings"

	"signpost/internal/careid/identity"
	"signpost/internal/platform/email"
)

// One is a person as they were named.
type One struct {
	UUID    string `json:"uuid"`    // 12 digits; empty where only an address was given
	Email   string `json:"email"`   // in canonical form; empty where only a number was given
	Problem string `json:"problem"` // what is wrong with how they were named; empty if nothing is
}

// In reads a person from a number, an address, or both. An address may stand in the place of the number, and as mail
// programs copy it, with a name before it.
func In(uuid, address string) (one One) {
	if strings.Contains(uuid, "@") && address == "" {
		address = uuid
		uuid = ""
	}
	if uuid == "" && address == "" {
		one.Problem = "The row names nobody. Enter a Care Identity number or an email address"
		return one
	}
	if uuid != "" {
		if one.UUID, _ = identity.Digits(uuid); !identity.IsNumber(one.UUID) {
			one.Problem = "A Care Identity number has 12 digits"
		}
	}
	if address == "" {
		return one
	}
	read, err := email.Parse(addressIn(address))
	if err != nil {
		one.Problem = "This is not an email address"
		return one
	}
	automatic := false
	if one.Email, automatic = read.Canonical(); !automatic && one.UUID == "" {
		one.Problem = "This address can be mistaken for another one. Enter the Care Identity number"
	}
	return one
}

// addressIn gives the address of one that mail programs copy with a name, as "Bea Okafor <bea@example.nhs.uk>".
func addressIn(text string) string {
	if _, after, found := strings.Cut(text, "<"); found {
		text, _, _ = strings.Cut(after, ">")
	}
	return strings.TrimSpace(text)
}

// List takes a list apart, into the text of each person: one a line, or with commas or semicolons between them.
func List(pasted string) (list []string) {
	between := func(c rune) bool { return strings.ContainsRune("\r\n,;\t", c) }
	for _, line := range strings.FieldsFunc(pasted, between) {
		list = append(list, apart(strings.TrimSpace(line))...)
	}
	return list
}

const digitsOfOne = 12

// apart takes a line apart that has several people with spaces between them: several addresses, or numbers of 12
// digits, which may have spaces within.
func apart(line string) (list []string) {
	fields := strings.Fields(line)
	digits := strings.Join(fields, "")
	switch {
	case line == "":
		return nil
	case strings.Count(line, "@") > 1 && !strings.Contains(line, "<"):
		return fields
	case len(digits) <= digitsOfOne || len(digits)%digitsOfOne != 0 || strings.Trim(digits, "0123456789") != "":
		return []string{line}
	}
	for at := 0; at < len(digits); at += digitsOfOne {
		list = append(list, digits[at:at+digitsOfOne])
	}
	return list
}
