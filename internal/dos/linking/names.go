package linking

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"signpost/internal/dos/account"
	"signpost/internal/national/cis2"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/searchname"
	"signpost/internal/platform/session"
)

// NamesDiffer is recorded when somebody goes on linking though the account has another name than the Care
// Identity. Administrators look through these events.
const NamesDiffer audit.Kind = "link.names-differ"

// Names are the two names of such a link, as the event keeps them.
type Names struct {
	Account      string `json:"account"`
	CareIdentity string `json:"care_identity"`
	Issuer       string `json:"issuer"`
	Subject      string `json:"subject"`
}

// maxNamesRead is how many such links, of the newest, are looked through for the name of a Care Identity.
const maxNamesRead = 5000

// FindNames gives the ids of the accounts that were linked to a Care Identity of another name, and to one whose name
// has the words that somebody typed.
func FindNames(ctx context.Context, r db.R, typed string) (ids []string, err error) {
	list, _, err := audit.Search{Kinds: []audit.Kind{NamesDiffer}}.Page(ctx, r, 0, maxNamesRead)
	if err != nil {
		return nil, fmt.Errorf("look for the name of a Care Identity: %w", err)
	}
	for _, e := range list {
		var names Names
		if err := json.Unmarshal(e.After, &names); err != nil {
			return nil, fmt.Errorf("names of link: %w", err)
		}
		if searchname.Match(names.CareIdentity, typed) && !slices.Contains(ids, e.Subject.ID) {
			ids = append(ids, e.Subject.ID)
		}
	}
	return ids, nil
}

// SameName reports whether an account and a care identity are of one name. Case, accents, punctuation and the
// order of the parts do not count; an initial is not the name, and no name is not the same as any.
func SameName(a account.Account, p cis2.Person) bool {
	ours := parts(a.FirstName, a.LastName)
	theirs := parts(p.GivenName, p.FamilyName)
	if len(theirs) == 0 {
		theirs = parts(p.Name)
	}
	if len(ours) == 0 {
		return false
	}
	if slices.Equal(ours, theirs) {
		return true
	}
	// "Anne-Marie" may stand as "Annemarie" in the other, so whole names are compared too.
	return slices.Equal(whole(a.FirstName, a.LastName), whole(p.GivenName, p.FamilyName))
}

// parts gives the words of names, folded and in order.
func parts(names ...string) []string {
	words := strings.Fields(searchname.Fold(strings.Join(names, " "), ' '))
	slices.Sort(words)
	return words
}

// whole gives each name as one word, folded and in order.
func whole(names ...string) []string {
	var words []string
	for _, name := range names {
		words = append(words, searchname.Fold(name, -1))
	}
	slices.Sort(words)
	return words
}

// AcceptNames takes the word of whoever links that both names are theirs, once, and records it.
func (l *Linker) AcceptNames(ctx context.Context, by actor.Actor, cookie string) error {
	started, err := l.FindCeremony(ctx, cookie)
	if err != nil {
		return err
	}
	if err := started.mayGoOn(by); err != nil {
		return err
	}
	return l.DB.Update(ctx, naming(by, started.AccountID, started.Name), func(w *db.W) error {
		flow, err := loadCeremony(ctx, w, cookie)
		if err != nil || !flow.State.NamesAsked() {
			return err
		}
		a, err := account.ByID(ctx, w, flow.State.AccountID)
		if err != nil {
			return err
		}
		flow.State.NamesAccepted = true
		if err := Ceremonies.Save(ctx, w, &flow); err != nil {
			return err
		}
		c := flow.State
		names := Names{Account: a.Name(), CareIdentity: c.Name, Issuer: c.Issuer, Subject: c.Subject}
		return w.Record(ctx, audit.Event{Kind: NamesDiffer, Subject: account.Ref(a.ID), After: names})
	})
}

// Abandon ends a ceremony and gives the claim, with which another Care Identity can be proved in its place.
func (l *Linker) Abandon(ctx context.Context, by actor.Actor, cookie string) (Claim, error) {
	id, secret := session.Split(cookie)
	started, err := l.FindCeremony(ctx, cookie)
	if err != nil {
		return Claim{}, err
	}
	if err := started.mayGoOn(by); err != nil {
		return Claim{}, err
	}
	err = l.DB.Keep(ctx, func(k *db.K) error {
		_, err := Ceremonies.Take(ctx, k, id, secret)
		return err
	})
	return started.claim(), err
}
