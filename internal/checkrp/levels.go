package checkrp

import (
	"regexp"
	"slices"
	"strconv"
	"time"

	"signpost/internal/national/cis2"
	"signpost/internal/platform/relying/issuer"
)

// levels are how well somebody is known and has proved themselves, and when.
func levels() []requirement {
	return []requirement{
		{"NHS CIA UI Req 001", "refuses userinfo about another than the ID token", refuses(
			attack{"about another", info(func(m map[string]any) { m["sub"] = otherSubject }), "userinfo"},
			attack{"about nobody", info(func(m map[string]any) { delete(m, "sub") }), "userinfo"})},
		{"NHS CIA SC Req 002", "lets nobody in whose identity was checked to a lower level", (*run).identityLevels},
		{
			"NHS CIA ACR Req 001", "lets nobody in whose authenticator has a lower level than was asked",
			(*run).authenticationLevels,
		},
		{"NHS CIA Ses Req 003", "looks at auth_time: a proof of an hour ago is not fresh", (*run).staleness},
		{"signpost-levels", "takes levels as numbers too", takes(func(s *issuer.Script) {
			s.Person.AuthenticationLevel = 3
			s.Person.IdentityLevel = 3
		})},
	}
}

func identity(level any) change {
	return func(s *issuer.Script) { s.Person.IdentityLevel = level }
}

// identityLevels tries every level below the lowest, and none at all.
func (r *run) identityLevels() finding {
	var attacks []attack
	for n := range r.MinIdentity {
		attacks = append(attacks, attack{"level " + strconv.Itoa(n), identity(strconv.Itoa(n)), "token"})
	}
	if r.MinIdentity > 0 {
		attacks = append(attacks, attack{"level 0 as a number", identity(0), "token"})
	}
	attacks = append(attacks,
		attack{"no level", together(without(cis2.IdentityLevelClaim), info(func(m map[string]any) {
			delete(m, cis2.OlderIdentityLevelClaim)
		})), "token"})
	return refuses(attacks...)(r)
}

func authentication(level any) change {
	return func(s *issuer.Script) { s.Person.AuthenticationLevel = level }
}

var levelInClass = regexp.MustCompile(`AAL([1-3])`)

// requestedLevel is the lowest level that satisfies what the relying party asks. AAL3 is CIS2's own where nothing is.
func (r *run) requestedLevel() int {
	lowest := 0
	classes := r.honest[0].query("authorize").Get("acr_values")
	for _, m := range levelInClass.FindAllStringSubmatch(classes, -1) {
		if n, err := strconv.Atoi(m[1]); err == nil && (lowest == 0 || n < lowest) {
			lowest = n
		}
	}
	if lowest == 0 {
		return 3
	}
	return lowest
}

func (r *run) authenticationLevels() finding {
	var attacks []attack
	for n := range r.requestedLevel() {
		attacks = append(attacks, attack{"level " + strconv.Itoa(n), authentication(strconv.Itoa(n)), "token"})
	}
	attacks = append(attacks,
		attack{"level 0 as a number", authentication(0), "token"},
		attack{"a lower class and level", together(authentication("1"), claim("acr", "AAL1_USERPASS")), "token"})
	if r.requestedLevel() < 2 {
		attacks = attacks[:len(attacks)-1] // level 1 is what was asked
	}
	return refuses(attacks...)(r)
}

// staleness tries old proofs where fresh ones were asked for; the browser could have taken that out of the
// request.
func (r *run) staleness() finding {
	requests := r.honest[0].requests("authorize")
	if !slices.ContainsFunc(requests, func(s issuer.Seen) bool { return asksLogin(s) || s.Values.Has("max_age") }) {
		return fail("no fresh sign-in is asked for, so none can be checked")
	}
	old := func(ago time.Duration) change {
		return func(s *issuer.Script) { s.Person.AuthTime = r.Timer.Now().Add(-ago) }
	}
	return refuses(
		attack{"an hour ago", old(time.Hour), "token"}, attack{"a day ago", old(24 * time.Hour), "token"},
		attack{"no auth_time", without("auth_time"), "token"})(r)
}
