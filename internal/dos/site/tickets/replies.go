package tickets

import (
	"net/url"
	"strings"

	"signpost/internal/dos/ticket"
	"signpost/internal/national/path"
	"signpost/internal/platform/web/page"
)

// usual are the replies that fit any ticket.
var usual = []struct{ key, title, text string }{
	{"more", "Ask for more", "Please tell us what you did, what the page said, and the reference on it if it had " +
		"one. Never send us a password or a code."},
	{"authority", "Lead to the registration authority", "This is for your registration authority: it looks after " +
		"your Care Identity, its position for the Directory of Services and your authenticator. You find it under " +
		"‘Find your registration authority’, on our page ‘Accessibility and help’."},
	{"works", "Ask whether it works now", "Please try again, and tell us whether it works now."},
}

// repliesOf lists the saved replies to a ticket: those of the steps that are left to its person, in the words of their
// own checklist, and the usual ones.
func repliesOf(id string, steps []path.Step) (list []page.Link) {
	add := func(key, title string) {
		query := url.Values{"reply": {key}}.Encode()
		list = append(list, page.Link{Text: title, Href: pathOf(id) + "?" + query + "#answer"})
	}
	for _, s := range steps {
		add(string(s.What), s.Title)
	}
	for _, one := range usual {
		add(one.key, one.title)
	}
	return list
}

// replyText is the text of a saved reply; empty if there is none of the key.
func replyText(key string, t ticket.Ticket, steps []path.Step) string {
	greeting := "Dear " + t.Name + ",\n\n"
	for _, s := range steps {
		if string(s.What) == key {
			return greeting + stepText(s)
		}
	}
	for _, one := range usual {
		if one.key == key {
			return greeting + one.text
		}
	}
	return ""
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
