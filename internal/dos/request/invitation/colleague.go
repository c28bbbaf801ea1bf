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

// pasted reads a list with a name and an email address on each line, as people paste it: with commas, semicolons or
// tabs, from a table or a file.
func pasted(text string) (list []Colleague) {
	for i, line := range strings.Split(strings.TrimPrefix(text, "\ufeff"), "\n") {
		line = strings.TrimSpace(line)
		if line == "" || i == 0 && isHeading(line) {
			continue
		}
		one := Colleague{Line: i + 1, Text: line}
		one.read(fieldsOf(line))
		list = append(list, one)
	}
	return list
}

// markTwice says of each address that is there before where that was.
func markTwice(list []Colleague) {
	seen := map[string]int{}
	for i := range list {
		address, err := email.Parse(list[i].Email)
		if err != nil || list[i].Problem != "" {
			continue
		}
		key, _ := address.Canonical()
		if before := seen[key]; before > 0 {
			list[i].Problem = fmt.Sprintf("The address is on line %d already", before)
		} else {
			seen[key] = list[i].Line
		}
	}
}

// isHeading reports whether a first line names the columns of a table.
func isHeading(line string) bool {
	return !strings.Contains(line, "@") && strings.Contains(strings.ToLower(line), "mail")
}

// read finds the address and the name among the fields of a line, and what is wrong with them.
func (c *Colleague) read(fields []string) {
	var words []string
	for _, field := range fields {
		field = strings.TrimSpace(field)
		if strings.Contains(field, "@") && c.Email == "" {
			c.Email = strings.Trim(field, "<>")
			continue
		}
		words = append(words, field)
	}
	switch len(words) {
	case 0:
	case 1:
		c.called(words[0])
	default:
		c.FirstName = words[0]
		c.LastName = strings.Join(words[1:], " ")
	}
	c.Problem = c.problem()
}

// called parts a whole name, which tables also have with the last name first: "Taylor, Sam".
func (c *Colleague) called(whole string) {
	if last, first, parted := strings.Cut(whole, ","); parted {
		c.FirstName, c.LastName = strings.TrimSpace(first), strings.TrimSpace(last)
		return
	}
	c.FirstName, c.LastName, _ = strings.Cut(whole, " ")
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

// Name gives the whole name.
func (c Colleague) Name() string { return strings.TrimSpace(c.FirstName + " " + c.LastName) }

func (c Colleague) problem() string {
	address, err := email.ParseNew(c.Email)
	switch {
	case c.Email == "":
		return "There is no email address"
	case err != nil:
		return "This is not an email address"
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
