package explain

import (
	"cmp"
	"errors"

	"signpost/internal/dos/linking"
	"signpost/internal/dos/signin"
	"signpost/internal/platform/fault"
)

// wording words a reason for whoever looks at somebody else's account, and what removes it. The way in that works now
// is told after that.
type wording struct {
	why  string // empty where the reason speaks to nobody
	cure string
}

// reasons are those that are worded here. Others are told as they are, and offer no way in.
var reasons = []struct {
	reason error
	wording
}{
	{signin.ErrTooManyTries, wording{cure: "They wait 15 minutes."}},
	{signin.ErrForProgram, wording{cure: ownAccount}},
	{linking.ErrForProgram, wording{cure: ownAccount}},
	{signin.ErrNotActive, wording{cure: stillNeeded}},
	{linking.ErrNotActive, wording{cure: stillNeeded}},
	{signin.ErrSharedEnded, wording{cure: eachOwn}},
	{signin.ErrRequire, wording{why: "The password no longer opens the Directory of Services."}},
	{signin.ErrClosed, wording{}},
	{signin.ErrNoPassword, wording{}},
	{linking.ErrPastDate, wording{}},
	{outcomes[signin.NoAccount], wording{}},
	{errNoPassword, wording{}},
	{errNoCode, wording{}},
}

const (
	ownAccount  = "Whoever uses it requests an account of their own."
	stillNeeded = "A DoS user administrator decides whether it is still needed."
	eachOwn     = "Each of those who use it requests an account of their own, and links that."
)

// refusals are the reasons why a link is not made that are worded here.
var refusals = map[linking.Refusal]wording{
	linking.SharedAccount: {cure: eachOwn},
	linking.AlreadyLinked: {why: "The account is linked already.",
		cure: "To link another Care Identity, the link that is there is undone first."},
	linking.TooEarly: {why: "Linking has not opened for the account yet.",
		cure: "It opens with the wave of the account."},
	linking.ResetPassword: {why: "The password of the account was set by an email, so it does not show whose it is."},
	linking.TeamMailbox:   {why: "The email address of the account is a team’s, so it cannot prove whose it is."},
}

func (d decisions) wording(problem error) (w wording, worded bool) {
	if reason, is := linking.RefusalOf(problem); is {
		w, worded = refusals[reason]
		if reason == linking.TeamMailbox {
			w.cure = d.ownAddress()
		}
		return w, worded
	}
	for _, one := range reasons {
		if errors.Is(problem, one.reason) {
			return one.wording, true
		}
	}
	return w, false
}

// words say why something does not work, and what removes that, with a way in that works now. Where none does and
// nothing else is to be done, they say what is in the way of a link, and what removes that.
func (d decisions) words(problem error) (why, cure string) {
	f, _ := fault.From(problem)
	w, worded := d.wording(problem)
	if !worded {
		return f.Message, f.Cure
	}
	why = cmp.Or(w.why, f.Message)
	way := d.wayIn()
	switch {
	case way == "" && w.cure == "":
		other, removes := d.words(d.linkByCode)
		return why, "It cannot be linked either. " + other + " " + removes
	case way == "" || w.cure == "":
		return why, w.cure + way
	}
	return why, w.cure + " " + way
}

// wayIn names what the holder of the account can do now to come in, or nothing.
func (d decisions) wayIn() string {
	byPassword, byCode := d.linkByPassword == nil, d.linkByCode == nil
	switch {
	case d.careIdentity == nil:
		return "Its holder can log in with the Care Identity."
	case byPassword && byCode:
		return "Its holder can link a Care Identity with the username and password, or with the code they were given."
	case byPassword:
		return "Its holder can link a Care Identity with the username and password."
	case byCode:
		return "Its holder can link a Care Identity with the code they were given."
	case d.newCode == nil:
		return "A DoS user administrator can make a code on the account’s page, with which its holder links a " +
			"Care Identity."
	case d.password == nil:
		return "Until then its holder can log in with the username and password."
	case d.lacks:
		return "The Care Identity opens it once what it lacks is there."
	}
	return ""
}

// ownAddress says how a team's address of an account becomes its holder's own, which needs somebody to come in.
func (d decisions) ownAddress() string {
	if d.password == nil || d.careIdentity == nil {
		return "Its holder logs in and changes it to their own work address on their account page. It can be used " +
			"for linking 3 days later."
	}
	return "Nobody can log in with it to change that. Its holder requests an account of their own, with their own " +
		"work address."
}
