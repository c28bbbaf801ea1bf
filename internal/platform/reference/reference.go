// Package reference is about what people read out when they ask for help: 8 letters and digits that are hard to
// mishear, shown in two groups, "KDF7 2M9X". Every request has one, which its log line, its events and its error page
// carry.
//
// It does not know where what a reference finds is kept.
package reference

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"signpost/internal/platform/random"
)

const (
	length    = 8
	longBytes = 16 // of a UUID
)

// New makes the reference of a request. Among a hundred million requests there is another with the same one in one
// case of four thousand.
func New() string { return random.Code() }

// Valid reports whether text is a reference as New makes it.
func Valid(text string) bool {
	return len(text) == length && strings.Trim(text, random.CodeLetters) == ""
}

// Show is a reference as people read it out. One that was made before references were short stays as it is.
func Show(r string) string {
	if !Valid(r) {
		return r
	}
	return random.Grouped(r)
}

// Long reports whether text is a reference as they were before they were short.
func Long(text string) bool {
	_, err := uuid(text)
	return err == nil && len(text) == len("00000000-0000-0000-0000-000000000000")
}

// Read gives the reference that somebody typed, in whatever case, with or without spaces and hyphens. One that was made
// before references were short is a UUID.
func Read(typed string) string {
	plain := random.Ungrouped(typed)
	if Valid(plain) {
		return plain
	}
	if id, err := uuid(plain); err == nil {
		return id
	}
	return strings.ToLower(strings.TrimSpace(typed))
}

var errNoUUID = errors.New("not a UUID")

// uuid gives a UUID in its usual form.
func uuid(text string) (string, error) {
	number, err := hex.DecodeString(strings.ReplaceAll(text, "-", ""))
	if err != nil || len(number) != longBytes {
		return "", errNoUUID
	}
	return fmt.Sprintf("%x-%x-%x-%x-%x", number[:4], number[4:6], number[6:8], number[8:10], number[10:]), nil
}
