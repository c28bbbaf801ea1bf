package linking_test

import (
	"context"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/request"
	"signpost/internal/dos/request/invitation"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/portal"
	"signpost/internal/platform/relying"
	"signpost/internal/platform/worldtest"
)

// What the oracle says of requests for accounts (rules R3, R9, R10, attack L8), and what histories do with them. The
// account's control is a code to its address and the administrator's approval.

// trueRequest is a request whose address was confirmed.
type trueRequest struct {
	id       string
	of       human
	address  string
	identity int          // -1 before one was proved
	theirs   string       // the address that it came with
	account  *trueAccount // that an approval made; nil before
	waits    bool         // for an administrator
	done     bool         // its account is linked
}

// onRequest reports whether a Care Identity is on a request that is not over.
func (t *truth) onRequest(identity int) bool {
	for _, q := range t.requests {
		if q.identity == identity && !q.done {
			return true
		}
	}
	return false
}

// mayProve reports whether a Care Identity can be put on a request.
func (t *truth) mayProve(q *trueRequest, identity int, now time.Time) bool {
	i := t.identities[identity]
	fits := i.level == 3 && i.standing && t.linkedTo(identity) == nil && !t.onRequest(identity)
	if q.account == nil || t.mustLookAgain(q.account, identity) {
		return fits
	}
	return fits && t.mayJoin(q.account, identity, now, true) // it is linked at once
}

// mustLookAgain reports whether an administrator who approved a request without its Care Identity has to see it.
func (t *truth) mustLookAgain(a *trueAccount, identity int) bool {
	return !t.sameName(a, identity) || t.doubtsOf(a, identity, t.identities[identity].email).any()
}

// mayApprove reports whether a request can be approved.
func (t *truth) mayApprove(q *trueRequest, now time.Time) bool {
	if q.account == nil && t.holderOf(q.address) != nil {
		return false
	}
	if q.identity == -1 {
		return true
	}
	a := q.account
	if a == nil {
		a = t.toBe(q, now)
	}
	return t.identities[q.identity].standing && t.mayJoin(a, q.identity, now, true)
}

// toBe is the account that the approval of a request makes.
func (t *truth) toBe(q *trueRequest, now time.Time) *trueAccount {
	return &trueAccount{
		owner: q.of, colleague: nobody, asked: true, active: true, created: now, proved: now, link: -1,
		emails: []address{{text: q.address, since: now}},
	}
}

// askAccount asks for an account, with a Care Identity or before there is one.
func (h *history) askAccount() {
	h.do(deed{"ask for an account", 1, func() {
		of := human(h.rand.IntN(humans + 1))
		q := &trueRequest{of: of, address: h.addressToAsk(of), identity: -1}
		cookie := h.confirmAddress(q)
		if cookie == "" {
			return
		}
		h.truth.requests = append(h.truth.requests, q)
		if h.chance(60) {
			h.proveOn(q, cookie)
			return
		}
		h.decide(q)
		h.meanwhile()
		if h.chance(80) {
			h.proveOn(q, cookie)
		}
	}})
}

// addressToAsk is an address that somebody asks with: most often a new one, or one that an account or a team has, or
// that others read.
func (h *history) addressToAsk(of human) string {
	switch a := h.anyAccount(); {
	case h.chance(15):
		return a.emails[0].text
	case h.chance(10):
		return h.newAddress(of)
	}
	return h.ownAddress(of)
}

// confirmAddress begins a request and types the code that came to its address. It gives the cookie of its sitting;
// none where nothing waits for an administrator.
func (h *history) confirmAddress(q *trueRequest) (cookie string) {
	given, family := h.name(q.of)
	by := actor.Actor{Kind: actor.Stranger, Network: given}
	cookie, err := h.requests().Begin(h.Context(), by, request.Typed{
		FirstName: given, LastName: family, Email: q.address, Organisation: "Z99Z9", Profession: "pharmacist",
		Reason: "I keep our opening hours right.",
	}, invitation.Invitation{})
	h.came(err, !ofTeam(q.address), "human %d asks for an account with %s", q.of, q.address)
	if err != nil {
		return ""
	}
	code := "AAAA AAAA"
	if h.truth.readers[q.address] == q.of {
		code = h.Code(q.address)
	}
	err = h.requests().Confirm(h.Context(), by, cookie, code)
	h.came(err, h.truth.readers[q.address] == q.of, "human %d types the code to %s", q.of, q.address)
	if err != nil {
		return ""
	}
	asked, err := h.requests().Mine(h.Context(), cookie)
	h.Must(err)
	q.id = asked.ID
	q.waits = true
	if want := h.truth.holderOf(q.address) == nil; want != (asked.State == request.Open) {
		if !h.truth.asksWith(q.address) {
			h.Errorf("the request is %s; it must wait for an administrator: %v", asked.State, want)
		}
		return ""
	}
	if asked.State != request.Open || h.truth.asksWith(q.address) {
		return ""
	}
	return cookie
}

// asksWith reports whether a request with an address is there already.
func (t *truth) asksWith(text string) bool {
	for _, q := range t.requests {
		if q.address == text && !q.done {
			return true
		}
	}
	return false
}

// proveOn proves a Care Identity of whoever asks at CIS2.
func (h *history) proveOn(q *trueRequest, cookie string) {
	identity := h.identityOf(q.of)
	if !h.truth.identities[identity].standing {
		h.say("CIS2 does not let identity %d in", identity)
		return
	}
	now := h.Clock.Now()
	want := h.truth.mayProve(q, identity, now)
	goesOn := q.account != nil && !h.truth.mustLookAgain(q.account, identity)
	ask, err := h.requests().Ask(h.Context(), cookie)
	h.Must(err)
	pending := portal.Pending{
		Relying: relying.Pending{Prompt: ask.Prompt}, Act: ask.Act, Subject: ask.Subject, Session: ask.Session,
	}
	err = h.requests().Prove(h.Context(), stranger, cookie, pending, h.person(identity))
	h.came(err, want, "identity %d is proved for the request of human %d", identity, q.of)
	if err != nil {
		return
	}
	q.identity = identity
	q.theirs = h.truth.identities[identity].email
	q.waits = !goesOn
	if goesOn {
		h.linkRequested(q)
	}
}

func (h *history) identityOf(of human) int {
	var all []int
	for n, i := range h.truth.identities {
		if i.of == of {
			all = append(all, n)
		}
	}
	return all[h.rand.IntN(len(all))]
}

// decideRequest has an administrator approve a request that waits.
func (h *history) decideRequest() {
	for _, q := range h.truth.requests {
		if q.waits {
			h.decide(q)
			return
		}
	}
}

func (h *history) decide(q *trueRequest) {
	h.do(deed{"approve a request", 1, func() { h.approveRequest(q) }})
}

func (h *history) approveRequest(q *trueRequest) {
	now := h.Clock.Now()
	by, who := h.anyAdministrator()
	want := h.truth.mayApprove(q, now)
	approval := request.Approval{Seen: h.seen(q.id)}
	if q.account == nil {
		approval.Group = account.SearchOnly
	}
	_, err := h.requests().Approve(h.Context(), who, q.id, approval)
	h.came(err, want, "%s approves the request of human %d with %s and identity %d", by.Username, q.of, q.address,
		q.identity)
	if err != nil {
		return
	}
	q.waits = false
	if q.account == nil {
		h.accountMade(q, h.truth.toBe(q, now))
	}
	if q.identity != -1 {
		h.linkRequested(q)
	}
}

// accountMade notes the account that an approval made.
func (h *history) accountMade(q *trueRequest, a *trueAccount) {
	made := worldtest.Read(h.World.World, func(ctx context.Context, r db.R) (account.Account, error) {
		asked, err := request.ByID(ctx, r, q.id)
		if err != nil {
			return account.Account{}, err
		}
		return account.ByID(ctx, r, asked.AccountID)
	})
	a.id = made.ID
	a.username = made.Username
	q.account = a
	h.truth.accounts = append(h.truth.accounts, a)
}

func (h *history) linkRequested(q *trueRequest) {
	q.done = true
	h.linkMade(q.account, q.identity, q.theirs)
}
