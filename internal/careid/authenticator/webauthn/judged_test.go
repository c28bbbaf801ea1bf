package webauthn_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/careidtest/credentialtest"
	"signpost/internal/careid/careidtest/makertest"
	"signpost/internal/national/authn"
	"signpost/internal/platform/db"
	"signpost/internal/platform/worldtest"
)

// An attestation counts as of the day of the binding: certificates of makers and chips end before their keys do, and
// nobody loses a level by that when the metadata is imported next.
func TestAttestationsCountAsOfTheirBinding(t *testing.T) {
	const boundAt = `UPDATE authenticator SET bound_at = $2 WHERE id = $1`
	s := openStage(t)
	issue := 1
	for name, base := range map[string]honest{
		"packed": s.honestBindings()["packed"], "tpm": s.honestBindings()["tpm ES256"],
	} {
		d := s.device(base)
		at := s.beginBinding(base.kind, d)
		answer := d.Create(at.challenge, base.attest, credentialtest.Spoil{})
		bound := worldtest.Must(s.finishBinding(base.kind, at, answer))(t)
		for _, tt := range []struct {
			at   time.Time
			want authn.Level
		}{
			{time.Date(2050, 1, 1, 0, 0, 0, 0, time.UTC), authn.AAL2}, // the certificates have ended
			{time.Date(2047, 12, 31, 0, 0, 0, 0, time.UTC), authn.AAL3},
			{time.Date(2019, 12, 31, 0, 0, 0, 0, time.UTC), authn.AAL2}, // nor had they begun
		} {
			s.Update(func(ctx context.Context, w *db.W) error {
				return w.Change(ctx, boundAt, bound.ID, tt.at)
			})
			issue++
			s.publish(issue)
			worldtest.Must(s.party.JudgeAgain(t.Context(), s.DB, worldtest.By))(t)
			got := worldtest.Must(db.Read(t.Context(), s.DB, func(r db.R) (authenticator.Authenticator, error) {
				return authenticator.ByID(t.Context(), r, bound.ID)
			}))(t)
			if got.Level != tt.want {
				t.Errorf("%s, bound on %s: %s, want %s", name, tt.at.Format(time.DateOnly), got.Level, tt.want)
			}
		}
	}
}

// An issue of the metadata that says something else of a model, and changes nobody's level, stops nothing: what it says
// of other models still counts.
func TestAnIssueThatChangesNoLevel(t *testing.T) {
	s := openStage(t)
	base := s.honestBindings()["packed"]
	d := s.device(base)
	at := s.beginBinding(base.kind, d)
	worldtest.Must(s.finishBinding(base.kind, at, d.Create(at.challenge, base.attest, credentialtest.Spoil{})))(t)
	s.publish(2)
	for range 2 {
		if n := worldtest.Must(s.party.JudgeAgain(t.Context(), s.DB, worldtest.By))(t); n != 0 {
			t.Errorf("%d levels changed", n)
		}
	}
}

// Browsers and authenticators may say more than they were asked (WebAuthn section 9); that costs nobody their login.
func TestAnswersThatSayMoreThanAsked(t *testing.T) {
	s := openStage(t)
	base := s.honestBindings()["packed"]
	more := credentialtest.Spoil{
		Parts: func(c *ceremony) {
			c.Auth.Flags |= credentialtest.Extended
			c.Auth.Extensions = credentialtest.CBOR(credentialtest.Map{}.With("credProtect", 2))
			c.Client["other_keys_can_be_added_here"] = "do not compare clientDataJSON against a template"
		},
		Answer: func(c *ceremony) {
			c.Answer["clientExtensionResults"] = map[string]any{"credProps": map[string]any{"rk": true}}
			c.Answer["authenticatorAttachment"] = "cross-platform"
		},
	}
	d := s.device(base)
	at := s.beginBinding(base.kind, d)
	bound, err := s.finishBinding(base.kind, at, d.Create(at.challenge, base.attest, more))
	if err != nil || bound.Level != authn.AAL3 {
		t.Fatalf("binding: %s, %v", bound.Level, err)
	}
	at = s.beginLogin(base.kind)
	if _, err := s.finishLogin(base.kind, at, d.Use(at.challenge, more)); err != nil {
		t.Errorf("login: %v", err)
	}
}

// Metadata service: what is published against a model takes the level of those that are bound and of those that will
// be.
func TestModelsAgainstWhichSomethingIsPublished(t *testing.T) {
	s := openStage(t)
	issue, tries, accepted := 1, 0, 0
	level := func(id string) authn.Level {
		return worldtest.Must(db.Read(t.Context(), s.DB, func(r db.R) (authenticator.Authenticator, error) {
			return authenticator.ByID(t.Context(), r, id)
		}))(t).Level
	}
	publish := func(more ...makertest.Status) {
		issue++
		s.publish(issue, more...)
		worldtest.Must(s.party.JudgeAgain(t.Context(), s.DB, worldtest.By))(t)
	}
	bind := func(base honest) authenticator.Authenticator {
		d := s.device(base)
		at := s.beginBinding(base.kind, d)
		answer := d.Create(at.challenge, base.attest, credentialtest.Spoil{})
		return worldtest.Must(s.finishBinding(base.kind, at, answer))(t)
	}
	for _, format := range []string{"packed", "tpm ES256"} {
		base := s.honestBindings()[format]
		before := bind(base)
		for _, status := range []string{
			"USER_VERIFICATION_BYPASS", "ATTESTATION_KEY_COMPROMISE", "USER_KEY_REMOTE_COMPROMISE",
			"USER_KEY_PHYSICAL_COMPROMISE", "REVOKED", "RETIRED",
		} {
			if got := level(before.ID); got != authn.AAL3 {
				t.Fatalf("%s: the honest twin: %s", format, got)
			}
			publish(makertest.Status{Status: status, EffectiveDate: "2025-01-01"})
			after := bind(base)
			for when, got := range map[string]authn.Level{"before": level(before.ID), "since": after.Level} {
				tries++
				if got != authn.AAL2 {
					accepted++
					t.Errorf("%s of a model that is %s, bound %s: %s", format, status, when, got)
				}
			}
			s.remove(after.ID)
			publish()
		}
		s.remove(before.ID)
	}
	worldtest.Table("ceremonies", fmt.Sprintf("%-28s tried %3d, accepted %d", "models, by metadata", tries, accepted))
}
