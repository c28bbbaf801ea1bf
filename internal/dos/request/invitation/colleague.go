package invitation

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"

	"signpost/internal/platform/email"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/name"
)

// Colleague is one line of those who are to be invited.
type Colleague struct {
	Line      int // from 1
	Text      string
	FirstName string
	LastName  string
	Email     string
	Problem   string // why they are not invited; empty if they are
}

// Colleagues reads a list with a name and an email address on each line, as people paste it: with commas, semicolons or
// tabs, from a table or a file. What cannot be invited says why.
func Colleagues(pasted string) (list []Colleague) {
	seen := map[string]int{}
	for i, line := range strings.Split(strings.TrimPrefix(pasted, "\ufeff"), "\n") {
		line = strings.TrimSpace(line)
		if line == "" || i == 0 && isHeading(line) {
			continue
		}
		one := colleagueOf(i+1, line)
		if address, err := email.Parse(one.Email); err == nil && one.Problem == "" {
			key, _ := address.Canonical()
			if before := seen[key]; before > 0 {
				one.Problem = fmt.Sprintf("The address is on line %d already", before)
			} else {
				seen[key] = one.Line
			}
		}
		list = append(list, one)
	}
	return list
}

// isHeading reports whether a first line names the columns of a table.
func isHeading(line string) bool {
	return !strings.Contains(line, "@") && strings.Contains(strings.ToLower(line), "mail")
}

func colleagueOf(number int, line string) Colleague {
	one := Colleague{Line: number, Text: line}
	var words []string
	for _, field := range fieldsOf(line) {
		if strings.Contains(field, "@") && one.Email == "" {
			one.Email = strings.Trim(field, "<>")
			continue
		}
		words = append(words, field)
	}
	switch len(words) {
	case 0:
	case 1:
		one.FirstName, one.LastName, _ = strings.Cut(words[0], " ")
	default:
		one.FirstName = words[0]
		one.LastName = strings.Join(words[1:], " ")
	}
	one.Problem = one.problem()
	return one
}

// fieldsOf parts a line where it is parted.
func fieldsOf(line string) (fields []string) {
	separator := ','
	for _, other := range "\t;" {
		if strings.ContainsRune(line, other) {
			separator = other
			break
		}
	}
	reader := csv.NewReader(strings.NewReader(line))
	reader.Comma = separator
	reader.LazyQuotes = true
	reader.FieldsPerRecord = -1
	record, err := reader.Read()
	if err != nil && !errors.Is(err, io.EOF) {
		return []string{line}
	}
	for _, field := range record {
		if field = strings.TrimSpace(field); field != "" {
			fields = append(fields, field)
		}
	}
	return fields
}

func (c Colleague) problem() string {
	address, err := email.ParseNew(c.Email)
	switch {
	case c.Email == "":
		return "There is no email address"
	case err != nil:
		return "The email address cannot be one"
	case email.RoleMailbox(address):
		return "The address looks like a team’s. Use one that only they can read"
	case strings.TrimSpace(c.FirstName+c.LastName) == "":
		return "There is no name"
	}
	for _, text := range []string{c.FirstName, c.LastName} {
		if problem, is := fault.From(name.CheckMailed("", text)); is {
			return problem.Message
		}
	}
	return ""
}
