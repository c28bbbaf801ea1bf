package linking_test

import (
	"context"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/account/mailbox"
	"signpost/internal/dos/wave"
	"signpost/internal/national/path"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
)

// meanwhile is what may happen in the middle of a ceremony.
func (h *history) meanwhile() {
	switch {
	case h.chance(25):
		h.happen()
	case h.chance(25):
		h.say("some minutes go by")
		h.Clock.Advance(oracleCeremony/2 + time.Minute)
	case h.chance(5):
		h.say("a quarter of an hour goes by")
		h.Clock.Advance(oracleCeremony + time.Minute)
	}
}

// happen is something that changes what is true.
func (h *history) happen() {
	h.do(h.anyOf([]deed{
		{"change the address", 2, h.changeEmail}, {"prove the address", 2, h.proveEmail}, {"", 2, h.recycleEmail},
		{"", 2, h.changeIdentityEmail}, {"", 4, h.suspendOrRestore}, {"", 2, h.movePhase},
		{"hand out a relink code", 2, h.allowRelink}, {"", 1, h.leave}, {"undo a link", 2, h.undo},
		{"", 4, h.signAliases}, {"", 4, h.askAccount}, {"", 3, h.decideRequest}, {"", 9, h.merge},
	}))
}

// loggedIn reports whether the owner of an account can be logged in to it.
func (h *history) loggedIn(a *trueAccount) bool {
	return h.truth.opensByPassword(a) ||
		a.active && a.link != -1 && h.truth.identities[a.link].of == a.owner && h.truth.identities[a.link].standing
}

func (h *history) changeEmail() {
	a := h.anyAccount()
	if !h.loggedIn(a) {
		return
	}
	now := h.Clock.Now()
	to := h.newAddress(a.owner)
	settled := len(a.emails) == 1 || now.Sub(a.email().since) >= oracleSettled
	h.came(h.proveAddress(a, to), !a.shared && !ofTeam(to) && settled, "the address of %s becomes %s", a.username, to)
	if h.Count(`SELECT COUNT(*) FROM account WHERE id = $1 AND email = $2`, a.id, to) == 1 {
		h.truth.traces = append(h.truth.traces, trace{text: a.email().text, account: a, identity: -1})
		a.emails = append(a.emails, address{text: to, since: now})
		a.proved = now
		if h.chance(60) {
			h.giveIdentity(a.owner, to)
		}
	}
}

// proveAddress asks for a code to an address in the owner's session, and types it.
func (h *history) proveAddress(a *trueAccount, to string) error {
	me := actor.Actor{Kind: actor.Person, ID: a.id, Session: "one"}
	if err := mailbox.Ask(h.Context(), h.DB, me, h.linker.Post, a.id, to); err != nil {
		return err
	}
	return mailbox.Confirm(h.Context(), h.DB, me, h.linker.Post, a.id, h.Code(to))
}

func (h *history) proveEmail() {
	a := h.anyAccount()
	to := a.email().text
	if !h.loggedIn(a) || h.truth.readers[to] != a.owner {
		return
	}
	want := !a.shared && !ofTeam(to)
	h.came(h.proveAddress(a, to), want, "the address of %s is proved again", a.username)
	if want {
		a.proved = h.Clock.Now()
	}
}

// recycleEmail gives a mailbox of an account to somebody who knows nothing else of the account. Whoever has both the
// mailbox and the password has everything that the rules ask for.
func (h *history) recycleEmail() {
	a := h.anyAccount()
	of := human(h.rand.IntN(humans + 1))
	if of == a.owner || of == a.colleague {
		return
	}
	text := a.emails[h.rand.IntN(len(a.emails))].text
	h.say("mailbox %s of %s is given to human %d", text, a.username, of)
	h.truth.readers[text] = of
	h.giveIdentity(of, text)
}

// giveIdentity gives the first Care Identity of somebody an address, which CIS2 verifies.
func (h *history) giveIdentity(of human, text string) {
	for _, i := range h.truth.identities {
		if i.of == of {
			i.email = text
			i.verified = true
			return
		}
	}
}

func (h *history) changeIdentityEmail() {
	a := h.anyAccount()
	if text := a.email().text; h.truth.readers[text] == a.owner && !ofTeam(text) {
		h.say("the Care Identity of human %d gets the address %s", a.owner, text)
		h.giveIdentity(a.owner, text)
	}
}

func (h *history) suspendOrRestore() {
	i := h.truth.identities[h.rand.IntN(len(h.truth.identities))]
	if link := h.anyAccount().link; link != -1 && h.chance(60) {
		i = h.truth.identities[link]
	}
	i.standing = !i.standing
	h.say("identity %s stands: %v", i.subject, i.standing)
	if !i.standing && h.chance(50) {
		h.meanwhile()
		i.standing = true
		h.say("identity %s stands again", i.subject)
	}
	if i.standing {
		i.again = h.Clock.Now()
	}
}

func (h *history) movePhase() {
	phases := []path.Phase{path.Prepare, path.Choose, path.Choose, path.Require, path.Closed}
	h.truth.phase = phases[h.rand.IntN(len(phases))]
	h.say("the wave moves to phase %d", h.truth.phase)
	h.Update(func(ctx context.Context, u *db.W) error {
		return wave.SetPhase(ctx, u, h.wave, h.truth.phase, "test")
	})
}

func (h *history) allowRelink() {
	a := h.anyAccount()
	code, err := h.linker.AllowRelink(h.Context(), actor.Actor{Kind: actor.Person, ID: h.admin.ID}, a.id)
	opens := a.link == -1 && h.truth.opensByCode(a, h.Clock.Now())
	h.came(err, opens, "an administrator lets %s be linked again", a.username)
	if err == nil {
		a.relink = code
		a.relinkUntil = h.Clock.Now().Add(oracleRelink)
		a.codeMade = h.Clock.Now()
	}
}

// leave deactivates an account, now and then.
func (h *history) leave() {
	a := h.anyAccount()
	if !a.active || h.chance(60) {
		return
	}
	h.say("%s is deactivated", a.username)
	a.active = false
	if !a.shared {
		h.truth.traces = append(h.truth.traces, trace{text: a.email().text, account: a, identity: -1})
	}
	h.Update(func(ctx context.Context, u *db.W) error { return account.Deactivate(ctx, u, a.id, "left") })
}
