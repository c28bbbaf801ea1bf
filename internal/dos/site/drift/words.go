package drift

import (
	"github.com/a-h/templ"

	"signpost/internal/dos/drift"
	"signpost/internal/platform/web/page"
)

// causes words each cause: what it is called, what it means, and what to do.
var causes = map[drift.Cause]struct{ text, means, cure string }{
	drift.Recycled: {"Address is somebody else’s now",
		"The account’s address is on the Care Identity of another person. The mailbox of somebody who left may have " +
			"been given to somebody new.",
		"Find out who reads the mailbox. Until then, rely on nothing that comes from it. If the holder has left, " +
			"deactivate the account."},
	drift.Leaver: {"Left",
		"The staff record says that the holder has left, or their Care Identity is closed.",
		"Ask their organisation. If they have left, deactivate the account. If they work elsewhere now, they change " +
			"both addresses."},
	drift.Typo: {"Typing mistake",
		"The addresses differ in a letter or two.",
		"Ask the holder which one is right. They change the wrong one."},
	drift.DomainMove: {"Another domain",
		"The same name stands before the @, and another domain behind it. The organisation’s mail may have moved.",
		"Ask the holder which one they read. If many are affected, a domain alias helps those who are not linked yet."},
	drift.NameChange: {"Another name",
		"The holder may have changed their name.",
		"Ask the holder. They change the address that has the old name."},
	drift.Had: {"Another name, or another person",
		"A Care Identity had one of these addresses before, and a part of its name is the same. The holder may have " +
			"changed their name, or got the mailbox of a namesake who left. Its address is not told here.",
		"Ask the holder whether they have had another name. If so, they log in with their Care Identity and link " +
			"their account."},
	drift.Missing: {"No address on the Care Identity",
		"The Care Identity has no email address.",
		"The holder enters theirs in Care Identity Management, under View your profile."},
	drift.Unclear: {"Not clear",
		"The addresses have little in common. The account may be linked to the wrong Care Identity.",
		"Compare both sides. If the link is wrong, undo it on the page of the account."},
}

func causeText(c drift.Cause) string { return causes[c].text }

func stateText(s drift.State) string {
	switch s {
	case drift.Done:
		return "Being dealt with"
	case drift.Left:
		return "Left as it is"
	case drift.Open:
	}
	return "Nothing yet"
}

// changeText says where the address is to be changed.
func changeText(p drift.Place) string {
	switch p {
	case drift.InDirectory:
		return "In the Directory of Services: what the Care Identity has looks newer"
	case drift.InCareIdentity:
		return "In Care Identity Management: what the account has looks newer"
	case drift.ByOthers:
		return "Nowhere before somebody has looked at it"
	case drift.Unsure:
	}
	return "Where the wrong one stands: only the holder knows"
}

func linkedText(c drift.Case) string {
	if c.Linked {
		return "Linked"
	}
	return "Not linked"
}

// otherAddress shows the address that is not the account's.
func otherAddress(c drift.Case) templ.Component {
	switch {
	case c.Theirs != "" && c.Theirs != c.Ours:
		return page.Contact(c.Theirs)
	case c.Staff != "" && c.Staff != c.Ours:
		return page.Lines(c.Staff, "In the staff record")
	case c.Theirs == "":
		return page.Lines("No address")
	}
	return page.Lines("The same")
}
