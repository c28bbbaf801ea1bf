// Package device says what a look at somebody's device means: which kinds of authenticator work on it, and what to do
// about those that do not. It decides by what each kind says that it needs, and knows no kind by name.
//
// What was found fits into a code of 9 letters and digits that people can read out. It says nothing about the person,
// and the code is all that there is: nobody keeps what was found.
package device

import "slices"

// Fact is a thing that is looked at.
type Fact string

// The facts. All but Network, Cookies and Script are what a script sees in the browser.
const (
	Script   Fact = "script"   // the browser runs JavaScript
	WebAuthn Fact = "webauthn" // it has WebAuthn
	BuiltIn  Fact = "built_in" // the device itself checks a face, a finger or a PIN for it
	Offers   Fact = "offers"   // it offers passkeys by itself
	Nearby   Fact = "nearby"   // it reaches a phone nearby, by Bluetooth
	Cookies  Fact = "cookies"  // it keeps cookies of ours
	Clock    Fact = "clock"    // against that of the server
	Network  Fact = "network"  // from which the request comes
	Door     Fact = "door"     // the smartcard door, and the card that was shown there
)

// Answer is what was found; empty where nobody knows.
type Answer string

// The answers.
const (
	Unknown Answer = ""
	Yes     Answer = "yes"
	No      Answer = "no"

	Right Answer = "right" // within maxClockSeconds
	Fast  Answer = "fast"
	Slow  Answer = "slow"

	NHS      Answer = "nhs" // a network that the operator says is the NHS network
	Internet Answer = "internet"

	Nowhere     Answer = "nowhere"     // there is no door here
	Unreachable Answer = "unreachable" // no answer came from it
	NoCard      Answer = "missing"     // it answered, and no certificate was shown
	Accepted    Answer = "accepted"
	Unreadable  Answer = "unreadable"
	Early       Answer = "not-yet"
	Expired     Answer = "expired"
	Untrusted   Answer = "authority"
	Unsuitable  Answer = "purpose"
	Revoked     Answer = "revoked"
	Unconfirmed Answer = "unconfirmed"
)

// answers has the facts with their answers, in the order in which a code holds them: neither order ever changes, and a
// further fact or answer is a further version of the code.
var answers = []struct {
	fact Fact
	list []Answer
}{
	{Script, []Answer{No, Yes}},
	{WebAuthn, []Answer{Unknown, Yes, No}},
	{BuiltIn, []Answer{Unknown, Yes, No}},
	{Offers, []Answer{Unknown, Yes, No}},
	{Nearby, []Answer{Unknown, Yes, No}},
	{Cookies, []Answer{Unknown, Yes, No}},
	{Clock, []Answer{Unknown, Right, Fast, Slow}},
	{Network, []Answer{Unknown, NHS, Internet}},
	{Door, []Answer{
		Unknown, Nowhere, Unreachable, NoCard, Accepted, Unreadable, Early, Expired, Untrusted, Unsuitable, Revoked,
		Unconfirmed,
	}},
}

// Facts lists what is looked at.
func Facts() (list []Fact) {
	for _, one := range answers {
		list = append(list, one.fact)
	}
	return list
}

// Answers lists the answers that there are to a fact; none to what is no fact.
func (f Fact) Answers() []Answer {
	for _, one := range answers {
		if one.fact == f {
			return one.list
		}
	}
	return nil
}

// Result is what was found of a device.
type Result map[Fact]Answer

// Set puts an answer in, if there is such an answer to the fact.
func (r Result) Set(f Fact, a Answer) {
	if slices.Contains(f.Answers(), a) {
		r[f] = a
	}
}

// maxClockSeconds is how far a clock may be off: an authenticator app has another code after half a minute.
const maxClockSeconds = 30

// ClockOff says how a clock is that is some seconds ahead of ours.
func ClockOff(seconds int) Answer {
	switch {
	case seconds > maxClockSeconds:
		return Fast
	case seconds < -maxClockSeconds:
		return Slow
	}
	return Right
}

// of gives the answer to a fact; where there is none, the first of its list.
func (r Result) of(f Fact) Answer {
	list := f.Answers()
	if slices.Contains(list, r[f]) {
		return r[f]
	}
	return list[0]
}
