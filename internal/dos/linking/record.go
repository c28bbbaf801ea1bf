package linking

import (
	"cmp"
	"context"

	"signpost/internal/dos/account"
	"signpost/internal/dos/account/mailbox"
	"signpost/internal/dos/review"
	"signpost/internal/dos/signin"
	"signpost/internal/platform/db"
)

// keepRecord keeps what a link was made on, with which Care Identity the addresses came, and, where the names differ, a
// case for somebody who knows better than the person who confirmed both.
func (l *Linker) keepRecord(ctx context.Context, w *db.W, a account.Account, c Ceremony) error {
	aliases, err := keepAlias(ctx, w, a, c)
	if err != nil {
		return err
	}
	facts := c.facts(a)
	facts.Rules = append(aliases, facts.Rules...)
	if err := review.Keep(ctx, w, a.ID, facts); err != nil {
		return err
	}
	if err := mailbox.BuryLinked(ctx, w, l.Post, c.link(a), mailbox.KeysOf(a.EmailKey, c.Email)); err != nil {
		return err
	}
	if !c.NamesDiffer || c.Control == ByRequest {
		return nil
	}
	return review.Note(ctx, w, a.ID, review.NamesDiffer, facts)
}

// controlTexts say how somebody showed that they hold the account.
var controlTexts = map[Control]string{
	BySession: "They were logged in with the password of the account on the same browser",
	ByTyping:  "They typed the username and the password of the account",
	BySetUp:   "They opened the set-up link of the account",
	ByMailbox: "They typed the code that an administrator had handed over",
	ByRequest: "An administrator approved the request for the account",
}

// facts gives what is known of both sides of a ceremony, for the record of its link.
func (c Ceremony) facts(a account.Account) review.Facts {
	return review.Facts{
		Account: review.FactsOf(a),
		CareIdentity: review.IdentityFacts{
			Issuer: c.Issuer, Subject: c.Subject, Name: c.Name, Email: c.Email, Verified: c.EmailVerified,
			Level: cmp.Or(c.IdentityLevel, signin.MinIdentityLevel),
		},
		Rules:  c.rules(a),
		Proofs: c.proofTexts(a),
	}
}

// proofTexts says in words what proofs the person gave.
func (c Ceremony) proofTexts(a account.Account) []string {
	texts := []string{controlTexts[c.Control], "They proved at CIS2 at that moment that the Care Identity is theirs"}
	if c.Control == ByRequest {
		texts[1] = "They had proved at CIS2, when they asked, that the Care Identity is theirs"
	}
	if c.NeedsCode {
		texts = append(texts, "They typed the code that was mailed to "+cmp.Or(c.CodeTo, a.Email))
	}
	return texts
}

// rules lists the rules that decided something about the link, with what they decided.
func (c Ceremony) rules(a account.Account) (list []review.Rule) {
	if c.NeedsCode {
		list = append(list, review.Rule{Number: "R3",
			Words: "The email addresses did not prove that the account is theirs, so a mailed code did"})
	} else {
		list = append(list, review.Rule{Number: "R2",
			Words: "Both have one email address, which was proved lately and settled, so no code was needed"})
	}
	if c.CodeTo != "" && c.CodeTo != a.Email {
		list = append(list, review.Rule{Number: "R8", Words: "The account's address was changed less than 72 hours " +
			"before, so the code went to the one that it had then"})
	}
	if c.NamesDiffer {
		list = append(list, review.Rule{Number: "R7", Words: c.namesText()})
	}
	if c.Reviewed != "" {
		list = append(list, review.Rule{Number: "R7", Words: c.Reviewed})
	}
	return append(list,
		review.Rule{Number: "R5", Words: "The password, the codes and the sessions of the account ended"},
		review.Rule{Number: "R10", Words: "Neither of them was linked to another"},
		review.Rule{Number: "R12", Words: "The addresses of both were told by email"},
	)
}

func (c Ceremony) namesText() string {
	if c.Control == ByRequest {
		return "The names differ, and an administrator compared them"
	}
	return "The names differ, and the person confirmed that both are theirs"
}
