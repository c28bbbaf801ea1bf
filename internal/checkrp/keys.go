package checkrp

import (
	"fmt"
	"time"

	"signpost/internal/platform/jwt"
	"signpost/internal/platform/random"
	"signpost/internal/platform/relying/issuer"
)

const (
	// keysAge is how long a relying party may wait before it reads the keys again for an unknown one; ours
	// waits a minute (rule O40).
	keysAge = 61 * time.Second
	// metadataAge is how long it may keep the metadata (reference, CIS2 Authentication §1: about an hour).
	metadataAge = 61 * time.Minute
	// floods is how many tokens under unknown keys come at once.
	floods = 10
)

// keys are the provider's, which change.
func keys() []requirement {
	return []requirement{
		{
			"oidcc-client-test-signing-key-rotation-just-before-signing",
			"reads the keys again, once, when the provider signs with a new one", (*run).rotation,
		},
		{"signpost-key-flood", "reads the keys at most once a minute, however many unknown keys come", (*run).flood},
	}
}

// discovery comes last: a relying party that refuses the metadata may not ask for it again for a while.
func discovery() []requirement {
	return []requirement{
		{
			"oidcc-client-test-discovery-issuer-mismatch", "refuses metadata that names another issuer",
			(*run).otherMetadata,
		},
	}
}

func (r *run) rotation() finding {
	if r.Patience < keysAge {
		return notSeen("needs %s of waiting, as keys may be kept that long; give more patience", keysAge)
	}
	if err := r.Timer.Wait(r.ctx, keysAge); err != nil {
		return fail("%v", err)
	}
	next, err := jwt.Generate(jwt.RS256)
	if err != nil {
		return fail("%v", err)
	}
	if _, bad := r.twin(); bad != nil {
		return *bad
	}
	r.Issuer.Change(func(s *issuer.Script) { s.Key = next })
	before := r.Issuer.Reads("keys")
	a, err := r.signIn(nil)
	read := r.Issuer.Reads("keys") - before
	switch {
	case err != nil || !a.in:
		return fail("a token under a new key is refused; the keys were read %d times: %s", read, outcome(a, err))
	case read > 1:
		return fail("the keys were read %d times for one token", read)
	}
	return pass("signed in under the new key; the keys were read %d times", read)
}

func (r *run) flood() finding {
	if _, bad := r.twin(); bad != nil {
		return *bad
	}
	began := r.Timer.Now()
	before := r.Issuer.Reads("keys")
	var t tally
	for n := range floods {
		r.try(&t, attack{fmt.Sprintf("unknown key %d", n+1), stranger(r.other, func(*issuer.Script) string {
			return random.ID()
		}), "token"})
	}
	read := r.Issuer.Reads("keys") - before
	allowed := 1 + int(r.Timer.Now().Sub(began)/time.Minute)
	f := t.finding()
	if f.outcome == Pass && read > allowed {
		f.outcome = Fail
	}
	f.saw += fmt.Sprintf("; the keys were read %d times in %s", read, r.Timer.Now().Sub(began).Round(time.Second))
	return f
}

func (r *run) otherMetadata() finding {
	waited := ""
	if r.Patience >= metadataAge {
		if err := r.Timer.Wait(r.ctx, metadataAge); err != nil {
			return fail("%v", err)
		}
		waited = " after " + metadataAge.String()
	}
	before := r.Issuer.Reads("metadata")
	a, err := r.signIn(func(s *issuer.Script) {
		s.Alter.Metadata = func(m map[string]any) { m["issuer"] = otherIssuer }
	})
	if r.Issuer.Reads("metadata") == before {
		return notSeen("the metadata was not read again%s; give a patience of %s or more", waited, metadataAge)
	}
	var t tally
	went := len(a.requests("authorize")) > 0
	t.count(fmt.Sprintf("another issuer (went on to the provider: %v)", went), a.in || went, outcome(a, err))
	return t.finding()
}
