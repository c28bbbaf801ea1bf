package db

import (
	"fmt"
	"strings"
)

// statement is one whose outcome nobody waits for.
type statement struct {
	sql  string
	args []any
	one  bool                // it must change one row
	sent string              // how it is sent, where not as it stands
	row  func(Scanner) error // of a query: what becomes of its rows
}

// maxNamedBytes bounds how much of a statement's text names it in an error.
const maxNamedBytes = 120

// naming says which statement failed, since its error may come with a later one or with the commit.
func naming(sql string, err error) error { return fmt.Errorf("%s: %w", shortened(sql), err) }

// shortened is the beginning of a statement's text, on one line.
func shortened(sql string) string {
	text := strings.Join(strings.Fields(sql), " ")
	if len(text) <= maxNamedBytes {
		return text
	}
	return strings.ToValidUTF8(text[:maxNamedBytes], "") + "…"
}

// changedTable is the table a statement changes, or empty where it is not plainly one.
func changedTable(sql string) string {
	verb, rest := firstWord(sql)
	if verb == "INSERT" || verb == "DELETE" {
		preposition := ""
		if preposition, rest = firstWord(rest); preposition != prepositions[verb] {
			return ""
		}
	} else if verb != "UPDATE" {
		return ""
	}
	return strings.ToLower(leadingName(strings.TrimLeft(rest, spaces)))
}

// prepositions stand between a verb and the table.
var prepositions = map[string]string{"INSERT": "INTO", "DELETE": "FROM"}

// reads reports whether a statement is a plain query.
func reads(sql string) bool {
	verb, rest := firstWord(sql)
	return verb == "SELECT" && rest != ""
}

const spaces = " \t\n\f\r"

// firstWord gives the first word of a statement in capitals, and what follows it.
func firstWord(sql string) (word, rest string) {
	sql = strings.TrimLeft(sql, spaces)
	end := strings.IndexAny(sql, spaces)
	if end < 0 {
		end = len(sql)
	}
	return strings.ToUpper(sql[:end]), sql[end:]
}

// leadingName gives the letters and underscores that a text begins with.
func leadingName(text string) string {
	end := strings.IndexFunc(text, func(r rune) bool {
		return r != '_' && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	})
	if end < 0 {
		return text
	}
	return text[:end]
}
