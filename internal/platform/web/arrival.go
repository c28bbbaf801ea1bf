package web

import (
	"errors"
	"net/http"
	"net/url"
	"slices"

	"signpost/internal/platform/fault"
)

// FailedPath is the page of a failure that is not shown where it happened. It can be loaded again, and gone back to,
// for a few minutes, and sends nothing when it is.
const FailedPath = "/failed"

const (
	failureCookie   = "failure"
	failedSeconds   = 5 * 60
	failedReference = "reference" // names the failure in the page's address
)

// ShowApart is an error whose page is at FailedPath, so that what a browser brought to the address where it happened,
// such as a code, does not stay in its address bar.
type ShowApart struct{ Err error }

// Error is that of the error.
func (e ShowApart) Error() string { return e.Err.Error() }

// Unwrap gives the error.
func (e ShowApart) Unwrap() error { return e.Err }

// HandleFailures adds the page of failures. The guard lets everybody through, and says who they are: also to whoever
// opens an address that is not there.
func (s *Site) HandleFailures(g Guard) {
	s.failures = &g
	s.Handle("GET "+FailedPath, g, func(w http.ResponseWriter, r *http.Request) error {
		var shown Failure
		if !s.failure().Read(r, &shown) || shown.Reference != r.URL.Query().Get(failedReference) {
			return Redirect{To: "/"}
		}
		return Show(w, r, shown.Status, s.o.ErrorPage(r, shown))
	})
}

// failure keeps the newest failure of a browser for its page. It is sealed for nobody, as whoever met it may have been
// logged out by that.
func (s *Site) failure() SealedCookie {
	return SealedCookie{Box: s.o.Box, Name: failureCookie, Context: "failure/" + s.o.Name, Seconds: failedSeconds}
}

// showApart sends the browser to the page of a failure, and reports whether it can.
func (s *Site) showApart(w http.ResponseWriter, r *http.Request, shown Failure) bool {
	if s.failures == nil || s.failure().Set(w, shown) != nil {
		return false
	}
	to := FailedPath + "?" + url.Values{failedReference: {shown.Reference}}.Encode()
	http.Redirect(w, r, to, http.StatusSeeOther)
	return true
}

// isApart reports whether a failure has its page at an address of its own: that of a form which a person sent, as a
// browser would ask whether to send the form once more when they load the page again. Scripts read the status itself.
// So do those who watch over the service where it has too much to do, or a form took too long to arrive; and to send
// the form again is then right, unless a part of it was saved.
func (s *Site) isApart(r *http.Request, err error, shown Failure) bool {
	var apart ShowApart
	if errors.As(err, &apart) {
		return true
	}
	mode := r.Header.Get("Sec-Fetch-Mode")
	if s.pages[note(r.Context()).pattern] == "" || mode != "" && mode != "navigate" {
		return false
	}
	return !slices.Contains(worthSendingAgain, shown.Status) || shown.Fault != nil && shown.Fault.Code == fault.Unknown
}

// worthSendingAgain are the statuses of what goes well when the same is sent again.
var worthSendingAgain = []int{
	http.StatusTooManyRequests, http.StatusServiceUnavailable, http.StatusRequestTimeout,
}

// NotHead keeps HEAD from a handler whose GET changes something: programs that look at links ask so before anybody
// follows them.
func NotHead(h Handler) Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if r.Method == http.MethodHead {
			return nil
		}
		return h(w, r)
	}
}
