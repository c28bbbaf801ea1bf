package linking_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/wave"
	"signpost/internal/national/path"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/worldtest"
)

// lookAlikes make an address that people, fonts or mail programs could take for another one. One that does not apply
// gives it back unchanged.
var lookAlikes = map[string]func(local, domain string) string{
	"Kelvin sign":           inLocal("k", "\u212a"),
	"dotless i":             inLocal("i", "\u0131"),
	"long s":                inLocal("s", "\u017f"),
	"combining accent":      inLocal("e", "e\u0301"),
	"accent":                inLocal("e", "é"),
	"Cyrillic a":            inLocal("a", "\u0430"),
	"Cyrillic e":            inLocal("e", "\u0435"),
	"Cyrillic o":            inLocal("o", "\u043e"),
	"Greek omicron":         inLocal("o", "\u03bf"),
	"Greek nu":              inLocal("v", "\u03bd"),
	"full width":            inLocal("n", "\uff4e"),
	"sharp s":               inLocal("ss", "ß"),
	"ligature":              inLocal("fi", "\ufb01"),
	"zero-width space":      inLocal("a", "a\u200b"),
	"soft hyphen":           inLocal(".", ".\u00ad"),
	"direction mark":        inLocal("a", "\u200fa"),
	"zero for o":            inLocal("o", "0"),
	"one for l":             inLocal("l", "1"),
	"rn for m":              inLocal("m", "rn"),
	"vv for w":              inLocal("w", "vv"),
	"no dot":                inLocal(".", ""),
	"hyphen for dot":        inLocal(".", "-"),
	"underscore for dot":    inLocal(".", "_"),
	"something behind plus": func(l, d string) string { return l + "+dos@" + d },
	"dot at the end":        func(l, d string) string { return l + ".@" + d },
	"another letter":        func(l, d string) string { return l + "s@" + d },
	"another end of domain": func(l, d string) string { return l + "@" + strings.TrimSuffix(d, ".net") + ".co" },
	"domain within another": func(l, d string) string { return l + "@" + d + ".example" },
	"subdomain":             func(l, d string) string { return l + "@mail." + d },
	"Cyrillic domain":       func(l, d string) string { return l + "@" + strings.Replace(d, "h", "\u04bb", 1) },
	"sharp s in the domain": func(l, d string) string { return l + "@" + strings.Replace(d, "ss", "ß", 1) },
	"two addresses":         func(l, d string) string { return l + "@" + d + ",other@" + d },
	"a name before it":      func(l, d string) string { return "Ann <" + l + "@" + d + ">" },
	"quotes":                func(l, d string) string { return `"` + l + `"@` + d },
}

func inLocal(from, to string) func(local, domain string) string {
	return func(local, domain string) string { return strings.Replace(local, from, to, 1) + "@" + domain }
}

// L9, L10, L11: a Care Identity whose address only looks like an account's is not offered the account, nor is the
// account linked to it without a code to the account's own address.
func TestLookAlikesDoNotLinkByThemselves(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	names := []string{"mike.fielding", "kate.woss", "anna.vessel", "oliver.small", "jo.finn-lowe", "emma.kirov"}
	domains := []string{"nhs.net", "fass.nhs.net", "hhs.example.net"}
	var all []account.Account
	w.Update(func(ctx context.Context, u *db.W) error {
		for i := range len(names) * len(domains) {
			a, err := account.Add(ctx, u, account.New{
				Username: fmt.Sprint("look", i), FirstName: "Ada", LastName: "Example", EmailProved: true,
				Email: names[i%len(names)] + "@" + domains[i/len(names)], PasswordHash: w.Hash,
			})
			if err != nil {
				return err
			}
			all = append(all, a)
			if err := wave.Join(ctx, u, a.ID, w.Waves[path.Choose]); err != nil {
				return err
			}
		}
		return nil
	})
	w.settle()
	tried := 0
	linked := 0
	kinds := map[string]int{}
	for round := 0; tried < lookAlikePairs; round++ {
		for kind, change := range lookAlikes {
			a := all[round*7%len(all)]
			local, domain, _ := strings.Cut(a.Email, "@")
			changed := change(local, domain)
			if changed == a.Email {
				continue
			}
			tried++
			kinds[kind]++
			if w.linksByItself(a, changed, tried) {
				linked++
				t.Errorf("%s: %q links the account of %q", kind, changed, a.Email)
			}
		}
	}
	for kind := range lookAlikes {
		if kinds[kind] == 0 {
			t.Errorf("%s: never tried", kind)
		}
	}
	w.honestAddressIsOffered(all[0])
	worldtest.Linking(t, "L9, L10, L11: %d look-alike pairs of %d kinds, linked by themselves %d", tried,
		len(kinds), linked)
}

// linksByItself reports whether somebody with another address is offered an account, or links it by its password
// without a code.
func (w *world) linksByItself(a account.Account, address string, i int) bool {
	w.Helper()
	p := person(fmt.Sprint("look-alike", i), address)
	offered, err := w.linker.Candidate(w.Context(), arrived(p))
	w.Must(err)
	cookie, err := w.claim(p, a.Username, goodPass)
	w.Must(err)
	c, err := w.linker.FindCeremony(w.Context(), cookie)
	w.Must(err)
	linked := w.confirm(cookie, "") == nil
	_, err = w.linker.Abandon(w.Context(), actor.Actor{Kind: actor.Stranger}, cookie)
	w.Must(err)
	w.Clock.Advance(5 * time.Second)
	return offered.Username != "" || !c.NeedsCode || linked
}

// honestAddressIsOffered is the twin: the same address, as people write it, is offered and needs no code.
func (w *world) honestAddressIsOffered(a account.Account) {
	w.Helper()
	p := person("honest", strings.ToUpper(a.Email))
	offered, err := w.linker.Candidate(w.Context(), arrived(p))
	w.Must(err)
	cookie, err := w.claim(p, a.Username, goodPass)
	w.Must(err)
	if offered.Username != a.Username || w.confirm(cookie, "") != nil {
		w.Errorf("the honest address of %s is offered %q, or needs a code", a.Username, offered.Username)
	}
}
