package device

import (
	"slices"

	"signpost/internal/national/authn"
)

// Verdict says whether something works on a device. The higher, the worse.
type Verdict int

// The verdicts.
const (
	Works   Verdict = iota
	Depends         // on what people see for themselves, and no script does
	Unsure          // it could not be looked at
	Fails
)

// Owner is who does what a finding asks for.
type Owner string

// The owners.
const (
	Nobody    Owner = ""
	You       Owner = "you"
	LocalIT   Owner = "local_it"
	Authority Owner = "registration_authority"
)

// Finding is what was found of one thing that a kind of authenticator needs.
type Finding struct {
	Need    authn.Need
	Key     string // by which its words are found
	Verdict Verdict
	Owner   Owner
}

// rule is what an answer means for a need.
type rule struct {
	key     string
	verdict Verdict
	owner   Owner
}

// rules say of each need which fact decides it, and what each answer means. Where there are no words, all is well.
var rules = map[authn.Need]struct {
	fact Fact
	by   map[Answer]rule
}{
	authn.Cookies: {Cookies, map[Answer]rule{
		Unknown: {"cookies_unknown", Unsure, You}, Yes: {}, No: {"cookies_no", Fails, You},
	}},
	authn.Script: {Script, map[Answer]rule{Yes: {}, No: {"script_no", Fails, You}}},
	authn.WebAuthn: {WebAuthn, map[Answer]rule{
		Unknown: {"webauthn_unknown", Unsure, You}, Yes: {}, No: {"webauthn_no", Fails, LocalIT},
	}},
	authn.SecureChip: {BuiltIn, map[Answer]rule{
		Unknown: {"chip_unknown", Unsure, You}, Yes: {"chip_yes", Depends, Nobody}, No: {"chip_no", Fails, LocalIT},
	}},
	authn.ManagedIPad: {BuiltIn, map[Answer]rule{
		Unknown: {"ipad_unknown", Unsure, You}, Yes: {"ipad_yes", Depends, Nobody}, No: {"ipad_no", Fails, You},
	}},
	authn.Bluetooth: {Nearby, map[Answer]rule{
		Unknown: {"nearby_unknown", Unsure, You}, Yes: {}, No: {"nearby_no", Fails, You},
	}},
	authn.Clock: {Clock, map[Answer]rule{
		Unknown: {}, Right: {}, Fast: {"clock_fast", Depends, You}, Slow: {"clock_slow", Depends, You},
	}},
	authn.NHSNetwork: {Network, map[Answer]rule{
		Unknown: {"network_unknown", Unsure, You}, NHS: {}, Internet: {"network_internet", Fails, LocalIT},
	}},
	authn.CardReader: {Door, map[Answer]rule{
		Unknown: {"door_unknown", Unsure, You}, Nowhere: {"door_nowhere", Fails, Nobody},
		Unreachable: {"door_unreachable", Fails, LocalIT}, NoCard: {"door_missing", Unsure, You}, Accepted: {},
		Unreadable: {"door_unreadable", Fails, Authority}, Early: {"door_early", Fails, Authority},
		Expired: {"door_expired", Fails, Authority}, Untrusted: {"door_authority", Fails, You},
		Unsuitable: {"door_purpose", Fails, You}, Revoked: {"door_revoked", Fails, Authority},
		Unconfirmed: {"door_unconfirmed", Unsure, You},
	}},
}

// Keys lists by what the words of findings are found.
func Keys() (list []string) {
	list = append(list, nearbyHere.key, offersNot.key)
	for _, need := range rules {
		for _, r := range need.by {
			if r.key != "" {
				list = append(list, r.key)
			}
		}
	}
	slices.Sort(list)
	return list
}

// What is said where a passkey on the device itself works, though none on a phone is known to; and where the browser
// offers none by itself.
var (
	nearbyHere = rule{"nearby_here", Works, Nobody}
	offersNot  = rule{"offers_no", Works, Nobody}
)

// Kind is what was found for one kind of authenticator.
type Kind struct {
	Kind     authn.Kind
	Verdict  Verdict
	Findings []Finding    // about which there is something to say, the worst first
	Bring    []authn.Need // what no look at a device shows
}

// Judge says which of some kinds of authenticator work on a device, by what each needs.
func Judge(r Result, kinds []authn.Kind) (list []Kind) {
	for _, k := range kinds {
		list = append(list, judge(r, k.Declared()))
	}
	return list
}

// General gives what was found of what logging in needs, whatever the authenticator. Each kind's verdict rests on it
// too.
func General(r Result) []Finding {
	var k Kind
	for _, need := range authn.Common() {
		k.add(need, rules[need].by[r.of(rules[need].fact)])
	}
	return k.Findings
}

func judge(r Result, d authn.Declaration) Kind {
	k := Kind{Kind: d.Kind}
	for _, f := range General(r) {
		k.Verdict = max(k.Verdict, f.Verdict)
	}
	for _, need := range d.Needs {
		decides, looked := rules[need]
		if !looked {
			k.Bring = append(k.Bring, need)
			continue
		}
		found := decides.by[r.of(decides.fact)]
		if need == authn.Bluetooth && found.verdict != Works && r.of(BuiltIn) == Yes {
			found = nearbyHere // the passkey may be on the device itself
		}
		k.add(need, found)
	}
	if d.ComesUp && r.of(Offers) == No {
		k.add(authn.WebAuthn, offersNot)
	}
	if k.Verdict == Fails { // what could not be looked at matters once the rest is cured
		k.Findings = slices.DeleteFunc(k.Findings, func(f Finding) bool { return f.Verdict == Unsure })
	}
	slices.SortStableFunc(k.Findings, func(a, b Finding) int { return int(b.Verdict) - int(a.Verdict) })
	return k
}

func (k *Kind) add(need authn.Need, found rule) {
	k.Verdict = max(k.Verdict, found.verdict)
	if found.key != "" {
		k.Findings = append(k.Findings, Finding{need, found.key, found.verdict, found.owner})
	}
}
