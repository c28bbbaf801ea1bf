package entry

import (
	"testing"

	"signpost/internal/careid/provider"
)

func TestEveryReasonAndKindHasWords(t *testing.T) {
	for _, why := range []provider.Reason{provider.NoAuthenticator, provider.Inactive, provider.LevelTooLow, provider.NotApproved, provider.Cancelled} {
		if w := refusals[why]; w.Title == "" || w.Says == "" || w.Cure == "" {
			t.Errorf("%s: %+v", why, w)
		}
	}
	for _, k := range provider.Provable {
		if hints[k] == "" || k.WebAuthn() && (howTo[k].Title == "" || howTo[k].Says == "" || howTo[k].Cure == "") {
			t.Errorf("%s has no words", k)
		}
	}
}
