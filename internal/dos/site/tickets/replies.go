package tickets

import (
	"strings"

	"signpost/internal/national/path"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
)

// toAuthority is the key of the reply that names the registration authority, where that is known.
const toAuthority = "authority"

// usual are the replies that fit any ticket.
var usual = []struct{ key, title, text string }{
	{"more", "Ask for more", "Please tell us what you did, what the page said, and the reference on it if it had " +
		"one. Never send us a password or a code."},
	{toAuthority, "Lead to the registration authority", "This is for your registration authority: it looks after " +
		"your Care Identity, its position for the Directory of Services and your authenticator. "},
	{"works", "Ask whether it works now", "Please try again, and tell us whether it works now."},
}

const findAuthority = "You find it under ‘Find your registration authority’, on our page ‘Accessibility and help’."

// replyItems are all saved replies: each step of the checklist, and the usual ones.
func replyItems() []nhsuk.SelectItem {
	items := []nhsuk.SelectItem{{Text: "Choose one"}}
	for _, what := range path.Whole() {
		items = append(items, nhsuk.SelectItem{Value: string(what), Text: what.Title()})
	}
	for _, one := range usual {
		items = append(items, nhsuk.SelectItem{Value: one.key, Text: one.title})
	}
	return items
}

// replies are the saved replies to a ticket: those of the steps that are left to its person, in the words of their own
// checklist, and the usual ones.
type replies struct {
	to    string // name of the person
	steps []path.Step
	facts path.Facts // nothing where the answer may go to somebody else
}

// offer has the form of the answer offer what fits the ticket.
func (s replies) offer(answer *form.Rendered) {
	var items []nhsuk.RadioItem
	for _, step := range s.steps {
		items = append(items, nhsuk.RadioItem{Value: string(step.What), Text: step.What.Title()})
	}
	for _, one := range usual {
		items = append(items, nhsuk.RadioItem{Value: one.key, Text: one.title})
	}
	answer.Offer(replyField, items)
}

// add puts the saved reply that was chosen below what is written already.
func (s replies) add(answer *form.Rendered) {
	text := s.text(answer.Value(replyField))
	if text == "" {
		answer.Add(form.Problem{Field: replyField, Text: "Choose a saved reply"})
		return
	}
	written := answer.Value("text")
	if written == "" {
		written = "Dear " + s.to + ","
	}
	answer.Set("text", written+"\n\n"+text).Set(replyField).Set(addReply)
	answer.GoOn("answer")
}

// text is the text of a saved reply; empty if there is none of the key.
func (s replies) text(key string) string {
	for _, step := range s.steps {
		if string(step.What) == key {
			return stepText(step)
		}
	}
	for _, one := range usual {
		switch {
		case one.key != key:
		case key == toAuthority:
			return one.text + s.authority()
		default:
			return one.text
		}
	}
	return ""
}

// authority names the registration authority of the person, with how to reach it, or says where it is found.
func (s replies) authority() string {
	if s.facts.Authority == "" {
		return findAuthority
	}
	if s.facts.Contact == "" {
		return "Yours is " + s.facts.Authority + ". " + findAuthority
	}
	return "Yours is " + s.facts.Authority + ": " + s.facts.Contact
}

// stepText says a step in the words of the checklist.
func stepText(s path.Step) string {
	lines := append([]string{s.Title + "."}, s.Detail...)
	if s.Say != "" {
		lines = append(lines, "You can copy these words: "+s.Say)
	}
	if s.By.Message != "" {
		lines = append(lines, "By when: "+s.By.Message)
	}
	if s.Takes != "" {
		lines = append(lines, "How long it takes: "+s.Takes)
	}
	return strings.Join(lines, "\n\n")
}
