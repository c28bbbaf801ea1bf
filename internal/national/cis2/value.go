package cis2

import (
	"bytes"
	"errors"
	"strconv"
	"strings"
	"time"

	strict "github.com/go-jose/go-jose/v4/json" // refuses a member that appears twice, and names in another case
)

// List is a list; a list of one member may be written as that member without brackets.
type List[T any] []T

// UnmarshalJSON reads either form.
func (l *List[T]) UnmarshalJSON(text []byte) error {
	text = bytes.TrimSpace(text)
	if bytes.HasPrefix(text, []byte("[")) {
		return strict.Unmarshal(text, (*[]T)(l))
	}
	if bytes.Equal(text, []byte("null")) {
		*l = nil
		return nil
	}
	var one T
	if err := strict.Unmarshal(text, &one); err != nil {
		return err
	}
	*l = List[T]{one}
	return nil
}

// Level is an assurance level, a digit from 0 to 3; empty if none is given. CIS2 writes it as text.
type Level string

// LevelOf gives the claim for the level n.
func LevelOf(n int) Level { return Level(strconv.Itoa(n)) }

// UnmarshalJSON reads text or, as some services write it, a number.
func (l *Level) UnmarshalJSON(text []byte) error {
	plain := strings.Trim(string(text), `"`)
	if plain == "" || plain == "null" {
		*l = ""
		return nil
	}
	n, err := strconv.Atoi(plain)
	if err != nil || n < 0 || n > 3 {
		return errors.New("an assurance level is a number from 0 to 3")
	}
	*l = LevelOf(n)
	return nil
}

// Number gives the level as a number; 0 if none is given.
func (l Level) Number() int {
	n, err := strconv.Atoi(string(l))
	if err != nil {
		return 0
	}
	return n
}

// Given reports whether the level was given.
func (l Level) Given() bool { return l != "" }

// String gives the level, or "none".
func (l Level) String() string {
	if !l.Given() {
		return "none"
	}
	return string(l)
}

// Seconds is a time in whole seconds since 1970, as tokens carry it; 0 if none is given.
type Seconds int64

// SecondsOf gives the claim for a time.
func SecondsOf(at time.Time) Seconds { return Seconds(at.Unix()) }

// UnmarshalJSON reads any number. It limits absurd times to a range in which arithmetic on times is safe.
func (s *Seconds) UnmarshalJSON(text []byte) error {
	var n *float64
	if err := strict.Unmarshal(text, &n); err != nil {
		return err
	}
	*s = 0
	if n != nil {
		*s = Seconds(max(0, min(*n, 1<<40)))
	}
	return nil
}

// Verified says that something was verified. Only the JSON value true counts: not the text "true", and not 1.
type Verified bool

// UnmarshalJSON reads true as true and anything else as false.
func (v *Verified) UnmarshalJSON(text []byte) error {
	*v = string(bytes.TrimSpace(text)) == "true"
	return nil
}
