package devicecheck

import (
	"strings"
	"time"

	"signpost/internal/careid/login/words"
	"signpost/internal/national/authn"
	"signpost/internal/national/device"
)

// Explanation says in a language what was found of a device.
type Explanation struct {
	Code    string        `json:"code"`
	Day     string        `json:"day"` // on which it was looked at
	Summary []string      `json:"summary"`
	General []Meaning     `json:"general,omitempty"` // what was found that matters to each kind
	Kinds   []KindMeaning `json:"kinds"`
	Facts   []FactMeaning `json:"facts"`
}

// KindMeaning says what was found for one kind of authenticator.
type KindMeaning struct {
	Kind     authn.Kind `json:"kind"`
	Label    string     `json:"label"`
	Verdict  string     `json:"verdict"`
	Findings []Meaning  `json:"findings,omitempty"`
	Bring    []string   `json:"bring,omitempty"` // what to have ready

	verdict device.Verdict
}

// Meaning says what a finding is, what to do and who does it.
type Meaning struct {
	Says  string `json:"says"`
	Cure  string `json:"cure,omitempty"`
	Owner string `json:"owner,omitempty"`
}

// FactMeaning says what was seen.
type FactMeaning struct {
	Label string `json:"label"`
	Seen  string `json:"seen"`
}

var verdictKeys = map[device.Verdict]words.Key{
	device.Works: "device.verdict_works", device.Depends: "device.verdict_depends",
	device.Unsure: "device.verdict_unsure", device.Fails: "device.verdict_fails",
}

// Explain says what was found of a device on a day, for each of some kinds.
func Explain(l words.Language, found device.Result, day time.Time, kinds []authn.Kind) Explanation {
	judged := device.Judge(found, kinds)
	e := Explanation{Code: device.Show(found.Code(day)), Day: l.Date(day), Summary: summary(l, judged)}
	for _, f := range device.General(found) {
		e.General = append(e.General, meaningOfFinding(l, f))
	}
	for _, k := range judged {
		e.Kinds = append(e.Kinds, meaningOf(l, k))
	}
	for _, f := range device.Facts() {
		answer := found[f]
		if answer == device.Unknown {
			answer = "unknown"
		}
		e.Facts = append(e.Facts, FactMeaning{
			Label: l.Say(words.Key("device.fact." + f)), Seen: l.Say(words.Key("device.answer." + answer)),
		})
	}
	return e
}

// things names in a sentence what to have ready.
func (m KindMeaning) things() string { return strings.Join(m.Bring, "; ") }

func meaningOf(l words.Language, k device.Kind) KindMeaning {
	m := KindMeaning{
		Kind: k.Kind, Label: l.Label(k.Kind), Verdict: l.Say(verdictKeys[k.Verdict]), verdict: k.Verdict,
	}
	for _, f := range k.Findings {
		m.Findings = append(m.Findings, meaningOfFinding(l, f))
	}
	for _, need := range k.Bring {
		m.Bring = append(m.Bring, l.Say(words.Key("device.bring."+need)))
	}
	return m
}

func meaningOfFinding(l words.Language, f device.Finding) Meaning {
	m := Meaning{
		Says: l.Say(words.Key("device." + f.Key + ".says")), Cure: l.Say(words.Key("device." + f.Key + ".cure")),
	}
	if f.Owner != device.Nobody {
		m.Owner = l.Say(words.Key("device.owner." + f.Owner))
	}
	return m
}

// summary says in a sentence or two what can be used.
func summary(l words.Language, judged []device.Kind) (says []string) {
	by := map[device.Verdict][]string{}
	for _, k := range judged {
		by[k.Verdict] = append(by[k.Verdict], l.Label(k.Kind))
	}
	if list := by[device.Works]; len(list) > 0 {
		says = append(says, l.Say("device.use", "ways", joined(l, list)))
	}
	if list := by[device.Depends]; len(list) > 0 {
		says = append(says, l.Say("device.maybe", "ways", joined(l, list)))
	}
	switch {
	case len(says) > 0:
		return says
	case len(by[device.Unsure]) > 0:
		return []string{l.Say("device.unsure")}
	}
	return []string{l.Say("device.none")}
}

// joined names several ways in a sentence.
func joined(l words.Language, list []string) string {
	last := len(list) - 1
	if last == 0 {
		return list[0]
	}
	return l.Say("device.and", "list", strings.Join(list[:last], ", "), "last", list[last])
}

// line is the meaning in one line.
func (m Meaning) line(l words.Language) string {
	line := m.Says
	if m.Cure != "" {
		line += " " + m.Cure
	}
	if m.Owner != "" {
		line += " " + l.Say("device.who", "who", m.Owner)
	}
	return line
}

// Lines are the explanation as plain text.
func (e Explanation) Lines(l words.Language) []string {
	lines := []string{l.Say("device.code_is", "code", e.Code, "day", e.Day)}
	lines = append(lines, e.Summary...)
	for _, m := range e.General {
		lines = append(lines, m.line(l))
	}
	for _, k := range e.Kinds {
		lines = append(lines, "", k.Label+": "+k.Verdict)
		for _, m := range k.Findings {
			lines = append(lines, "  "+m.line(l))
		}
		if len(k.Bring) > 0 {
			lines = append(lines, "  "+l.Say("device.ready", "things", k.things()))
		}
	}
	lines = append(lines, "")
	for _, f := range e.Facts {
		lines = append(lines, f.Label+": "+f.Seen)
	}
	return lines
}
