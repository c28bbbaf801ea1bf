package account

import (
	"time"

	"signpost/internal/platform/audit"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/mailcode"
)

// ForEmail is the purpose of codes that prove an email address, the present one or a new one.
var ForEmail = purpose("email", eventEmailCodeTooOften, eventEmailCodeWrong)

// ForLink is the purpose of codes that prove the account's mailbox during linking.
var ForLink = purpose("link", eventLinkCodeTooOften, eventLinkCodeWrong)

// ForMerge is the purpose of codes by which somebody logged in to one account shows that another is theirs.
var ForMerge = purpose("merge", eventMergeCodeTooOften, eventMergeCodeWrong)

// ForUndo is the purpose of codes with which the holder of an account undoes its link without logging in.
var ForUndo = byUsername(purpose("undo", eventUndoCodeTooOften, eventUndoCodeWrong),
	"Your DoS user administrator can undo the link, too.")

// ForPassword is the purpose of codes with which the holder of an account sets another password.
var ForPassword = byUsername(purpose("password", eventPasswordCodeTooOften, eventPasswordCodeWrong),
	"If you have a Care Identity, you can link it with a code of your DoS user administrator.")

// The most codes that are mailed of a purpose for which anybody can ask by a username.
const (
	maxOfDay        = 20 // for an account in a day
	maxOfNetworkAll = 30 // for all accounts from one network
)

// byUsername bounds a purpose of codes for which anybody can ask by a username: each network may for a few accounts
// only. Otherwise says what the holder can do who gets none.
func byUsername(p mailcode.Purpose, otherwise string) mailcode.Purpose {
	const ask = "ask in a browser in which you logged in before, on another network such as your phone’s, or "
	p.MaxOfNetworkAll = maxOfNetworkAll
	p.MaxOfDay = maxOfDay
	p.ErrDay = fault.SayCure(fault.TooMany, "Too many codes were asked for today, for this account.",
		"To get one, "+ask+"tomorrow. "+otherwise)
	p.ErrAsks = fault.SayCure(fault.TooMany, "Too many codes were asked for, for this account or from your network.",
		"Codes that were sent still work. If you have none, "+ask+"in 15 minutes. "+otherwise)
	return p
}

func purpose(name string, tooOften, wrongCode audit.Kind) mailcode.Purpose {
	return mailcode.Purpose{
		Name: "account." + name, Life: 15 * time.Minute, MaxAsks: 5, MaxWrong: 5, MaxOfNetwork: 10,
		AskedTooOften: audit.Event{Kind: tooOften},
		WrongTry:      audit.Event{Kind: wrongCode},
		ErrAsks: fault.SayCure(fault.TooMany, "You asked for too many codes.",
			"Use the newest code we sent you, or wait 15 minutes and ask again."),
		ErrWrong: fault.OfField("code", "Enter the code from the newest email. Codes sent before it do not work"),
	}
}
