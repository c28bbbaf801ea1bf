package checkrp

import "time"

// How long a session may last (conformance Ses 005 and 007), and how far from the edge it is looked at.
const (
	maxIdle   = 15 * time.Minute
	maxLength = 12 * time.Hour
	edge      = time.Minute
	keepUp    = 10 * time.Minute // how often a session is used, so that it is not idle

	tokenLength = time.Hour // a service may ask for a fresh login when its access token has ended
)

// sessions are how long somebody stays signed in.
func sessions() []requirement {
	return []requirement{
		{"NHS CIA Ses Req 005", "signs people out after 15 minutes without use", (*run).idle},
		{"NHS CIA Ses Req 007", "signs people out after 12 hours, however busy", (*run).absolute},
	}
}

func (r *run) idle() finding {
	if r.Patience < maxIdle+edge {
		return notSeen("needs %s of waiting; give more patience", maxIdle+edge)
	}
	a, bad := r.twin()
	if bad != nil {
		return *bad
	}
	for _, step := range []struct {
		wait time.Duration
		want bool
	}{{keepUp, true}, {maxIdle + edge, false}} {
		in, err := r.after(step.wait, a)
		if err != nil || in != step.want {
			return fail("unused for %s: signed in is %v, not %v %s", step.wait, in, step.want, errorText(err))
		}
	}
	return pass("signed in after %s unused, signed out after %s", keepUp, maxIdle+edge)
}

func (r *run) absolute() finding {
	if r.Patience < maxLength+edge {
		return notSeen("needs %s of waiting; give more patience", maxLength+edge)
	}
	a, bad := r.twin()
	if bad != nil {
		return *bad
	}
	for passed := keepUp; passed < maxLength; passed += keepUp {
		in, err := r.after(keepUp, a)
		if err == nil && !in && passed >= tokenLength {
			return pass("in use every %s, signed out after %s, as soon as its access token has ended", keepUp, passed)
		}
		if err != nil || !in {
			return fail("in use, but signed out after %s already %s", passed, errorText(err))
		}
	}
	if in, err := r.after(keepUp+edge, a); err != nil || in {
		return fail("still signed in after %s %s", maxLength+edge, errorText(err))
	}
	return pass("in use every %s, signed out after %s", keepUp, maxLength)
}

// after waits, and says whether somebody is signed in then.
func (r *run) after(d time.Duration, a attempt) (bool, error) {
	if err := r.Timer.Wait(r.ctx, d); err != nil {
		return false, err
	}
	return r.isIn(a.browser)
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return "(" + err.Error() + ")"
}
