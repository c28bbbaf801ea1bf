package signin_test

import (
	"fmt"
	"testing"

	"signpost/internal/dos/account"
	"signpost/internal/dos/signin"
	"signpost/internal/national/path"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/tries"
)

// Strangers on many networks mail few codes in a day to whose username they know, and neither keep the holder's browser
// nor another network from theirs. A username of nobody is answered in the same way.
func TestCodesForAForgottenPasswordInADay(t *testing.T) {
	w := newWorld(t)
	w.account("ada", path.Choose)
	w.settle()
	forgotten := &signin.Forgotten{DB: w.DB, Hasher: w.Passwords, Post: w.Post}
	ask := func(network, username string, browser tries.Browser) error {
		by := actor.Actor{Kind: actor.Stranger, Network: network}
		_, err := forgotten.Ask(t.Context(), by, username, browser)
		return err
	}
	const networks = 60
	for _, username := range []string{"ada", "nobody"} {
		mailed := 0
		for n := range networks {
			for range account.ForPassword.MaxOfNetwork {
				err := ask(fmt.Sprintf("10.0.%d.0", n), username, tries.Browser{})
				if err == nil {
					mailed++
				} else if !is(err, fault.TooMany) {
					t.Fatal(err)
				}
			}
		}
		// two networks use up the codes of the day, and each other one gets three
		if want := int(account.ForPassword.MaxOfDay) + 3*(networks-2); mailed != want {
			t.Errorf("%s: %d networks had %d codes mailed in a minute, want %d", username, networks, mailed, want)
		}
	}
	for range 2 {
		if err := ask("10.0.0.0", "ada", w.browserOf("ada")); err != nil {
			t.Errorf("in a browser of the holder's, in the same building: %v", err)
		}
	}
	if err := ask("10.1.0.0", "ada", tries.Browser{}); err != nil {
		t.Errorf("on another network: %v", err)
	}
}
