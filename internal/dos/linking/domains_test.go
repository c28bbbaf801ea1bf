package linking_test

import (
	"fmt"
	"strings"

	"signpost/internal/dos/account"
	"signpost/internal/dos/alias"
	"signpost/internal/platform/actor"
)

// What the oracle says of domain aliases (rule R7), and what histories do with them.

// trueAlias is a pair of domains in the table.
type trueAlias struct {
	id         string
	one, other string
	proposedBy string // the username of an administrator
	signed     bool
	withdrawn  bool
}

func (p *trueAlias) joins(one, other string) bool {
	return p.one == one && p.other == other || p.one == other && p.other == one
}

// byAlias gives the account that is meant by the address of a Care Identity in another domain, where two administrators
// have signed that the two are one: the only one there is, of the same name.
func (t *truth) byAlias(identity int) (found *trueAccount) {
	local, domain, _ := strings.Cut(t.identities[identity].email, "@")
	for _, a := range t.accounts {
		ours, domainOfOurs, _ := strings.Cut(a.email().text, "@")
		if a.shared || ours != local || !t.sameDomains(domain, domainOfOurs) {
			continue
		}
		if found != nil {
			return nil
		}
		found = a
	}
	if found == nil || !t.sameName(found, identity) {
		return nil
	}
	return found
}

func (t *truth) sameDomains(one, other string) bool {
	for _, p := range t.aliases {
		if p.signed && !p.withdrawn && p.joins(one, other) {
			return true
		}
	}
	return false
}

// domains of a history, which no other history has.
func (h *history) domains() []string {
	return []string{
		fmt.Sprintf("example%d.nhs.uk", h.seed), fmt.Sprintf("trust%d.nhs.uk", h.seed),
		fmt.Sprintf("board%d.nhs.uk", h.seed),
	}
}

// ownAddress is a new one of somebody. Now and then two people have one name before the @.
func (h *history) ownAddress(of human) string {
	if h.fresh == 0 || h.chance(60) {
		h.fresh++
	}
	domain := h.domains()[max(0, h.rand.IntN(6)-3)]
	for {
		text := fmt.Sprintf("a%d-%d@%s", h.seed, h.fresh, domain)
		if _, taken := h.truth.readers[text]; !taken {
			h.truth.readers[text] = of
			return text
		}
		h.fresh++
	}
}

// inAnotherDomain is an address of somebody that has the same name before the @ as another one, if nobody has that.
func (h *history) inAnotherDomain(text string, of human) string {
	local, domain, _ := strings.Cut(text, "@")
	for _, other := range h.domains() {
		text := local + "@" + other
		if _, taken := h.truth.readers[text]; other != domain && !taken {
			h.truth.readers[text] = of
			return text
		}
	}
	return h.newAddress(of)
}

// signedAliases makes pairs of domains that both administrators have signed.
func (h *history) signedAliases() {
	for range 1 + h.rand.IntN(2) {
		h.do(deed{"propose an alias", 1, h.proposeAlias})
	}
	for range 2 {
		for _, p := range h.truth.aliases {
			h.do(deed{"sign an alias", 1, func() { h.signAlias(p) }})
		}
	}
}

// anyAdministrator is one of the two of a world, at work.
func (h *history) anyAdministrator() (account.Account, actor.Actor) {
	a := []account.Account{h.admin, h.reviewer}[h.rand.IntN(2)]
	return a, actor.Actor{Kind: actor.Person, ID: a.ID, Name: a.Username}
}

// signAliases does something to the table of domain aliases.
func (h *history) signAliases() {
	if len(h.truth.aliases) == 0 || h.chance(30) {
		h.do(deed{"propose an alias", 1, h.proposeAlias})
		return
	}
	p := h.truth.aliases[h.rand.IntN(len(h.truth.aliases))]
	if h.chance(55) {
		h.do(deed{"sign an alias", 1, func() { h.signAlias(p) }})
		return
	}
	h.do(deed{"withdraw an alias", 1, func() { h.withdrawAlias(p) }})
}

func (h *history) table() alias.Table { return alias.Table{DB: h.DB, Post: h.Post} }

func (h *history) proposeAlias() {
	by, who := h.anyAdministrator()
	all := h.domains()
	one, other := all[h.rand.IntN(3)], all[h.rand.IntN(3)]
	want := one != other
	for _, p := range h.truth.aliases {
		want = want && (p.withdrawn || !p.joins(one, other))
	}
	made, err := h.table().Propose(h.Context(), who, alias.Typed{One: one, Other: other, Reason: "one trust"})
	h.came(err, want, "%s proposes that %s is %s", by.Username, one, other)
	if err == nil {
		h.truth.aliases = append(h.truth.aliases, &trueAlias{
			id: made.ID, one: one, other: other, proposedBy: by.Username,
		})
	}
}

func (h *history) signAlias(p *trueAlias) {
	by, who := h.anyAdministrator()
	want := !p.signed && !p.withdrawn && p.proposedBy != by.Username
	_, err := h.table().Sign(h.Context(), who, p.id, h.shownAlias(p.id))
	h.came(err, want, "%s signs that %s is %s", by.Username, p.one, p.other)
	if err == nil {
		p.signed = true
		h.offerAll()
	}
}

// offerAll asks for each Care Identity which account is proposed to it, after the table was changed.
func (h *history) offerAll() {
	for identity := range h.truth.identities {
		h.offerTo(identity)
	}
}

func (h *history) withdrawAlias(p *trueAlias) {
	by, who := h.anyAdministrator()
	_, err := h.table().Withdraw(h.Context(), who, p.id, "not so")
	h.came(err, !p.withdrawn, "%s withdraws that %s is %s", by.Username, p.one, p.other)
	if err == nil {
		p.withdrawn = true
		h.offerAll()
	}
}
