package rollout

import (
	"signpost/internal/dos/account"
	"signpost/internal/dos/report"
	"signpost/internal/dos/standing"
	"signpost/internal/dos/wave"
	"signpost/internal/national/path"
)

// Noted is what is known of an account without asking anybody, for those who look at all accounts at once.
type Noted struct {
	Shared  bool
	Linked  bool
	Proved  bool          // a mailed code proved the address
	Phase   path.Phase    // of its wave; an account without one is in Prepare
	Said    standing.Said // empty where the care identity side has said nothing yet
	Answers report.Answers
}

// Facts gives the facts on which plans rest.
func (n Noted) Facts() path.Facts {
	k := Known{Linked: n.Linked, Account: account.Account{Kind: account.Individual},
		Wave: wave.Wave{Phase: max(n.Phase, path.Prepare)}, Answers: map[Question]string{
			AskIdentity: n.Answers.Identity, AskEmail: n.Answers.Email, AskAccess: n.Answers.Access}}
	if n.Shared {
		k.Account.Kind = account.Shared
	}
	f := k.ownFacts()
	f.MailProved = path.Is(n.Proved)
	said := n.Said.Answer()
	if said.Found == "" || n.Shared {
		return k.withAnswers(f)
	}
	return k.withExtract(f, said)
}
