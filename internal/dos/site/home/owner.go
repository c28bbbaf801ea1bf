package home

import (
	"strings"

	"github.com/a-h/templ"

	"signpost/internal/dos/account"
	"signpost/internal/dos/rollout/checklist"
	"signpost/internal/national/path"
)

// ownerOf says who does a step. The registration authority is named, with the ways to reach it.
func ownerOf(s path.Step, f path.Facts) templ.Component {
	v := ownerView{Text: s.Owner.ToPerson()}
	if !s.OfAuthority() || f.Authority == "" {
		return ownerRow(v)
	}
	if s.Owner == path.RegistrationAuthority {
		v.Text += ": " + f.Authority
	} else {
		v.Text += ", with your registration authority: " + f.Authority
	}
	v.Contact = f.Contact
	return ownerRow(v)
}

// letter is what the person writes to their registration authority about what it does for them now. It has nothing that
// is secret.
func (t told) letter(to string) checklist.Letter {
	l := checklist.Letter{To: to, Of: t.facts.Authority, Subject: "Directory of Services: " + t.now.Do.Task}
	name, address := t.signature()
	if name != "" {
		l.Subject += ", for " + name
	}
	l.Text = t.body() + "\n\nMy name: " + name + "\nMy email address: " + address + "\n"
	return l
}

// signature is who writes: nobody on a shared account, whose name and address are a team's.
func (t told) signature() (name, address string) {
	if t.user.Kind == account.Shared {
		return "", ""
	}
	return t.user.Name(), t.user.Email
}

func (t told) body() string {
	return "Hello,\n\nI use the NHS Directory of Services (DoS) and need to log in to it with a Care Identity.\n\n" +
		t.requests()
}

// requests has a sentence for each thing that is asked for.
func (t told) requests() string {
	var list []string
	for _, s := range t.now.Asking() {
		request := s.Say
		if request == "" {
			request = "Please help me with this: " + s.Task + "."
		}
		list = append(list, request)
	}
	return strings.Join(list, "\n\n")
}
