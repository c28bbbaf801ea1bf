// Package fault is the one way in which words about a failure reach a person.
//
// A fault is a code, which programs ask for with errors.Is, and sentences, which people read. One that
// pages may have to say in another language has a key too, by which a catalogue of words finds it. Every
// other error is for the log alone: whoever meets one shows the general sentence for "something went
// wrong" and nothing of its text.
package fault

import (
	"errors"
	"net/http"
	"strings"
)

// Code says what kind of failure a fault is. A Code is itself an error, so that
// errors.Is(err, fault.NotFound) asks any wrapped error for its kind.
type Code string

// The kinds of failure a person can be told of.
const (
	Invalid         Code = "invalid"         // what was sent cannot be taken; the sentence names the field and the cure
	Unauthenticated Code = "unauthenticated" // nobody is signed in, or the proof was not accepted
	Forbidden       Code = "forbidden"       // somebody is signed in who may not do this
	NotFound        Code = "not_found"       // there is no such thing, or not for this person
	Method          Code = "method"          // there is such an address, for another method
	Conflict        Code = "conflict"        // it clashes with what is already there
	Expired         Code = "expired"         // it was good once; a new one is needed
	TooMany         Code = "too_many"        // too many tries; wait or take another way
	Unavailable     Code = "unavailable"     // something this depends on does not answer; try again
	Busy            Code = "busy"            // more is asked than can be done now; wait, then try again
	Unknown         Code = "unknown"         // it may have been done or not; look before doing it again
)

// Error makes a Code an error.
func (c Code) Error() string { return string(c) }

// Status is the HTTP status that goes with the code.
func (c Code) Status() int {
	switch c {
	case Invalid:
		return http.StatusUnprocessableEntity
	case Unauthenticated:
		return http.StatusUnauthorized
	case Forbidden:
		return http.StatusForbidden
	case NotFound:
		return http.StatusNotFound
	case Method:
		return http.StatusMethodNotAllowed
	case Conflict:
		return http.StatusConflict
	case Expired:
		return http.StatusGone
	case TooMany:
		return http.StatusTooManyRequests
	case Unavailable, Busy:
		return http.StatusServiceUnavailable
	case Unknown:
		return http.StatusGatewayTimeout
	}
	return http.StatusInternalServerError
}

// Fault is a failure with words for the person who meets it.
type Fault struct {
	Code    Code
	Message string // what happened, in a sentence
	Cure    string // what to do about it, in a sentence; may be empty
	Field   string // the form field or input column it is about; empty where it is about none

	// finds the words in a catalogue, such as "email-format"; empty where they are said in English alone
	Key    string
	Values []string // fill the placeholders of those words: a name and its value, and so on

	Lacks []string // permissions, of which whoever met it needs one and has none; empty where it is about another thing
}

// Error gives the code and the sentence; for the log.
func (f *Fault) Error() string {
	if f.Field != "" {
		return string(f.Code) + ": " + f.Field + ": " + f.Message
	}
	return string(f.Code) + ": " + f.Message
}

// Is reports whether target is the fault's code.
func (f *Fault) Is(target error) bool { return target == f.Code }

// Say makes a fault with a sentence about what happened.
func Say(code Code, message string) error { return &Fault{Code: code, Message: message} }

// SayCure makes a fault with a sentence about what happened and one about what to do.
func SayCure(code Code, message, cure string) error {
	return &Fault{Code: code, Message: message, Cure: cure}
}

// OfField makes an Invalid fault about one named input.
func OfField(field, message string) error {
	return &Fault{Code: Invalid, Field: field, Message: message}
}

// SayOfField is OfField for a failure of another code.
func SayOfField(field string, code Code, message string) error {
	return &Fault{Code: code, Field: field, Message: message}
}

// Keyed gives a fault the key under which a catalogue has its words, and the values of their placeholders:
// a name and its value, and so on. The English words stay, for logs and for pages that have no catalogue.
func Keyed(key string, err error, values ...string) error {
	f, known := From(err)
	if !known {
		return err
	}
	keyed := *f
	keyed.Key = key
	keyed.Values = values
	return &keyed
}

// At gives the fault for a failure that is about one named input, so that its form says it there. Any other error stays
// as it is.
func At(field string, err error) error {
	f, known := From(err)
	if !known {
		return err
	}
	of := *f
	of.Field = field
	return &of
}

// All finds every fault with words in err, where several were joined, such as one for each field of a form.
func All(err error) []*Fault {
	switch e := err.(type) { //nolint:errorlint // each error of the tree is looked at in turn
	case *Fault:
		return []*Fault{e}
	case interface{ Unwrap() error }:
		return All(e.Unwrap())
	case interface{ Unwrap() []error }:
		var list []*Fault
		for _, one := range e.Unwrap() {
			list = append(list, All(one)...)
		}
		return list
	}
	return nil
}

// InOneLine tells a person at the command line of an error: in the words that it has for people, or in its own.
func InOneLine(err error) string {
	if f, known := From(err); known && f.Message != "" {
		return f.Message
	}
	return strings.TrimRight(strings.Join(strings.Fields(err.Error()), " "), ".") + "."
}

// From finds the fault in err. Where several were joined it is the first, or one of Unavailable, Busy or Unknown: while
// what a decision depends on does not answer, nothing is decided. A bare Code has a fault without words. Any other
// error has none.
func From(err error) (*Fault, bool) {
	for _, f := range All(err) {
		if f.Code == Unavailable || f.Code == Busy || f.Code == Unknown {
			return f, true
		}
	}
	var f *Fault
	if errors.As(err, &f) {
		return f, true
	}
	var c Code
	if errors.As(err, &c) {
		return &Fault{Code: c}, true
	}
	return nil, false
}
