package campaign

import (
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/mailing"
	"signpost/internal/dos/rollout"
	"signpost/internal/dos/wave"
	"signpost/internal/dos/wave/guidance"
	"signpost/internal/national/path"
	"signpost/internal/platform/reading"
)

// Whoever is twelve can read each text, whatever the facts and the phase are.
func TestATwelveYearOldReadsEveryText(t *testing.T) {
	texts := everyText()
	if len(texts) < 100 {
		t.Errorf("only %d texts: the check would prove nothing", len(texts))
	}
	ages := map[int]int{}
	for _, text := range texts {
		age := reading.Of(text, mailing.Terms()...).Age()
		ages[age]++
		if age > mailing.MaxAge {
			t.Errorf("reading age %d: %s", age, text)
		}
	}
	t.Logf("texts by reading age: %v", ages)
}

// everyText gives the words of every person, with what the next phase means for them, each once.
func everyText() []string {
	texts := map[string]bool{}
	for _, f := range everyFacts() {
		p := rollout.Person{Facts: f}
		p.Account = account.Account{Kind: account.Individual, Email: "ann@example.nhs.uk"}
		text := textOf(p, path.NowOf(f, func(path.What) bool { return false }), nil)
		words := text.Words + "\n\n" + text.Lead
		if f.Linked != path.Yes {
			words += "\n\n" + guidance.Words(wave.Wave{Phase: f.Phase, Dates: datesOf(f)})
		}
		texts[words] = true
	}
	var list []string
	for text := range texts {
		list = append(list, text)
	}
	return list
}

var day = time.Date(2027, 3, 1, 0, 0, 0, 0, time.UTC)

func datesOf(f path.Facts) wave.Dates {
	if f.Dates.Close.IsZero() {
		return wave.Dates{}
	}
	return wave.Dates{Choose: day, Require: day, Close: day}
}

func everyFacts() (list []path.Facts) {
	known := []path.Known{path.No, path.Yes}
	worded := (wave.Dates{Choose: day, Require: day, Close: day}).Worded()
	list = []path.Facts{{Username: "ann"},
		{Username: "ann", Dates: worded, Authority: "Fenmarch RA", Contact: "01204 496000"}}
	list = each(list, []path.Phase{path.Prepare, path.Choose, path.Require, path.Closed},
		func(f *path.Facts, v path.Phase) { f.Phase = v })
	list = each(list, []path.Account{path.AccountUnknown, path.Individual, path.Shared, path.Doubled},
		func(f *path.Facts, v path.Account) { f.Account = v })
	list = each(list, []path.Identity{path.IdentityUnknown, path.NoIdentity, path.OneActive, path.OneInactive,
		path.SeveralIdentities}, func(f *path.Facts, v path.Identity) { f.Identity = v })
	list = each(list, []path.Email{path.EmailUnknown, path.EmailAgrees, path.EmailUnverified, path.EmailDifferent},
		func(f *path.Facts, v path.Email) { f.Email = v })
	list = each(list, known, func(f *path.Facts, v path.Known) { f.MailProved = v })
	list = each(list, []path.Known{path.Unknown, path.No, path.Yes}, func(f *path.Facts, v path.Known) { f.Position = v })
	list = each(list, authenticators, func(f *path.Facts, v path.Facts) {
		f.Authenticator = v.Authenticator
		f.Approved = v.Approved
		f.Working = v.Working
	})
	return each(list, known, func(f *path.Facts, v path.Known) { f.Linked = v })
}

// authenticators are what a person can have, and what is known of it.
var authenticators = []path.Facts{
	{}, {Authenticator: path.NoAuthenticator}, {Authenticator: path.TooWeak}, {Authenticator: path.Sufficient},
	{Authenticator: path.Sufficient, Approved: path.No}, {Authenticator: path.Sufficient, Approved: path.Yes},
	{Authenticator: path.Sufficient, Approved: path.Yes, Working: path.No},
	{Authenticator: path.Sufficient, Approved: path.Yes, Working: path.Yes},
}

func each[T any](list []path.Facts, values []T, set func(*path.Facts, T)) (all []path.Facts) {
	for _, f := range list {
		for _, v := range values {
			set(&f, v)
			all = append(all, f)
		}
	}
	return all
}
