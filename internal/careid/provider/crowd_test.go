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

// Of the requests that are pushed from one network, the oldest makes room.
func TestTheOldestPushedRequestMakesRoom(t *testing.T) {
	w, _ := withKey(t)
	w.Provider.Pushed().OfNetwork = 2
	var pushed []string
	for range 3 {
		uri, problem := w.push(logintest.Request())
		if problem != "" {
			t.Fatal(problem)
		}
		pushed = append(pushed, uri)
	}
	for i, want := range []bool{false, true, true} {
		answer := w.Browser().Get(logintest.Realm + "/authorize?" + pushedQuery(pushed[i]).Encode())
		if begins := answer.StatusCode == http.StatusSeeOther; begins != want {
			t.Errorf("request %d: %d, want that it begins: %v", i, answer.StatusCode, want)
		}
	}
}
