package provider_test

import (
	"net/http"
	"testing"

	"signpost/internal/careid/careidtest/logintest"
)

// Of the sign-ins that come from one network, the oldest makes room.
func TestTheOldestSignInMakesRoom(t *testing.T) {
	w, _ := withKey(t)
	w.Provider.Crowd().OfNetwork = 2
	var browsers []*logintest.Browser
	var flows []string
	for range 3 {
		b := w.Browser()
		browsers = append(browsers, b)
		flows = append(flows, b.Begin(logintest.Request()))
	}
	for i, want := range []int{http.StatusGone, http.StatusOK, http.StatusOK} {
		if got := browsers[i].Get(flows[i]).StatusCode; got != want {
			t.Errorf("sign-in %d: %d, want %d", i, got, want)
		}
	}
}
