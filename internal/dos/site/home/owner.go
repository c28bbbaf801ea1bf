package home

import (
	"github.com/a-h/templ"

	"signpost/internal/dos/account"
	"signpost/internal/national/path"
	"signpost/internal/platform/web/page"
)

// ownerOf says who does a step. The registration authority is named, with the ways to reach it and a mail to it.
func ownerOf(s path.Step, f path.Facts, user account.Account) templ.Component {
	v := ownerView{Text: ownerTexts[s.Owner]}
	asks := s.Where == path.PlaceFindRA || s.Also == path.PlaceFindRA
	if !asks || f.Authority == "" {
		return ownerRow(v)
	}
	if s.Owner == path.RegistrationAuthority {
		v.Text += ": " + f.Authority
	} else {
		v.Text += ", with your registration authority: " + f.Authority
	}
	v.Contact = f.Contact
	if to := page.FirstEmail(f.Contact); to != "" && s.Ready() {
		v.Mail = page.MailTo(to, "Directory of Services: "+s.Task, mailText(s, user))
	}
	return ownerRow(v)
}

// mailText begins what somebody writes to their registration authority about a step. It has nothing that is secret.
func mailText(s path.Step, user account.Account) string {
	request := s.Say
	if request == "" {
		request = "Please help me with this: " + s.Task + "."
	}
	name := user.Name()
	address := user.Email
	if user.Kind == account.Shared { // the account's name and address are a team's
		name = ""
		address = ""
	}
	return "Hello,\n\nI use the NHS Directory of Services (DoS) and need to log in to it with a Care Identity.\n\n" +
		request + "\n\nMy name: " + name + "\nMy email address: " + address + "\n"
}
