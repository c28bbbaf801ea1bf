package webauthn_test

import (
	"encoding/base64"
	"encoding/json"
	"slices"
	"testing"

	"signpost/internal/careid/careidtest/credentialtest"
	"signpost/internal/national/authn"
	"signpost/internal/platform/worldtest"
)

// asked is what a browser is asked for.
type asked struct {
	Challenge, RPID, Attestation, UserVerification string

	RP                     struct{ ID, Name string }
	User                   struct{ ID, Name, DisplayName string }
	Timeout                int
	PubKeyCredParams       []struct{ Alg int }
	ExcludeCredentials     []struct{ ID string }
	AllowCredentials       []struct{ ID string }
	AuthenticatorSelection struct {
		UserVerification, ResidentKey, AuthenticatorAttachment string
	}
}

func (s *stage) asked(options json.RawMessage) asked {
	s.Helper()
	var o struct{ PublicKey asked }
	s.Must(json.Unmarshal(options, &o))
	return o.PublicKey
}

func bytesOf(t *testing.T, text string) int {
	t.Helper()
	return len(worldtest.Must(base64.RawURLEncoding.DecodeString(text))(t))
}

// What the FIDO2 server's list asks of the options for browsers, of each kind.
func TestWhatBrowsersAreAskedFor(t *testing.T) {
	s := openStage(t)
	const minChallenge, maxUser = 16, 64
	base := s.honestBindings()["packed"]
	d := s.device(base)
	at := s.beginBinding(base.kind, d)
	worldtest.Must(s.finishBinding(base.kind, at, d.Create(at.challenge, base.attest, credentialtest.Spoil{})))(t)
	attestation := map[authn.Kind]string{
		authn.SecurityKey: "direct", authn.WindowsHello: "direct", authn.IPad: "direct", authn.Passkey: "none",
	}
	challenges := map[string]bool{}
	for _, kind := range s.party.Kinds() {
		for range 2 {
			c := worldtest.Must(s.party.BeginBinding(t.Context(), s.attempt(kind, begun{}, ""), s.owner))(t)
			o := s.asked(c.Options)
			challenges[o.Challenge] = true
			var algorithms []int
			for _, p := range o.PubKeyCredParams {
				algorithms = append(algorithms, p.Alg)
			}
			switch id := bytesOf(t, o.User.ID); {
			case bytesOf(t, o.Challenge) < minChallenge || id == 0 || id > maxUser:
				t.Errorf("%s: challenge %q, user %q", kind, o.Challenge, o.User.ID)
			case !slices.Equal(algorithms, []int{credentialtest.ES256, credentialtest.RS256}):
				t.Errorf("%s: algorithms %v", kind, algorithms)
			case o.Timeout <= 0 || o.RP.ID != rpid || o.RP.Name == "" || o.User.Name == "" || o.User.DisplayName == "":
				t.Errorf("%s: %+v", kind, o)
			case o.Attestation != attestation[kind]:
				t.Errorf("%s: attestation %q", kind, o.Attestation)
			case o.AuthenticatorSelection.UserVerification != "required",
				o.AuthenticatorSelection.ResidentKey != "required":
				t.Errorf("%s: %+v", kind, o.AuthenticatorSelection)
			case len(o.ExcludeCredentials) != 1 || o.ExcludeCredentials[0].ID != base64url(d.ID):
				t.Errorf("%s: excludes %v", kind, o.ExcludeCredentials)
			}
			c = worldtest.Must(s.party.BeginProof(t.Context(), s.attempt(kind, begun{}, "")))(t)
			o = s.asked(c.Options)
			challenges[o.Challenge] = true
			if bytesOf(t, o.Challenge) < minChallenge || o.RPID != rpid || o.UserVerification != "required" ||
				o.Timeout <= 0 || len(o.AllowCredentials) != 0 {
				t.Errorf("%s: login %+v", kind, o)
			}
		}
	}
	if want := 4 * len(s.party.Kinds()); len(challenges) != want || want == 0 {
		t.Errorf("%d challenges, not %d", len(challenges), want)
	}
}
