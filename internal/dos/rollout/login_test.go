package rollout_test

import (
	"testing"

	"signpost/internal/dos/account"
	"signpost/internal/dos/rollout"
	"signpost/internal/national/cis2"
	"signpost/internal/national/extract"
	"signpost/internal/national/path"
	"signpost/internal/platform/db"
)

// Nobody is looked for by a team's address, and what one person answers on a shared account stays in their session.
func TestSharedAccountIsNobodysAnswer(t *testing.T) {
	w := newWorld(t)
	w.ada = w.account(account.New{Username: "team", Email: "team@nhs.net", Kind: account.Shared})
	asker := &answered{answer: extract.Answer{Found: extract.None}}
	facts, err := rollout.Facts(t.Context(), asker, w.known())
	if err != nil || facts.Identity != path.IdentityUnknown || asker.question.Ref != "" {
		t.Errorf("%+v, asked %+v, %v", facts, asker.question, err)
	}
	w.Must(rollout.Answer(t.Context(), w.DB, w.ada.ID, said("none", "", ""))) // as an earlier release stored it
	cookie, err := rollout.AnswerInSession(t.Context(), w.DB, "one", said("inactive", "", ""))
	w.Must(err)
	of := func(cookie, session string) path.Identity {
		t.Helper()
		known := w.known()
		known.Answers, err = db.Read(t.Context(), w.DB, func(r db.R) (map[rollout.Question]string, error) {
			return rollout.OfSession(t.Context(), r, cookie, session)
		})
		w.Must(err)
		facts, err := rollout.Facts(t.Context(), asker, known)
		w.Must(err)
		return facts.Identity
	}
	if got := of(cookie, "one"); got != path.OneInactive {
		t.Errorf("in the session: %v", got)
	}
	for name, got := range map[string]path.Identity{
		"in another session": of(cookie, "two"), "on another browser": of("", "one"), "forged": of("x.y", "one"),
	} {
		if got != path.IdentityUnknown {
			t.Errorf("%s somebody else's answer is shown: %v", name, got)
		}
	}
}

// A login answers every question at once.
func TestLoginAnswersEverything(t *testing.T) {
	w := newWorld(t)
	position := []cis2.NationalRole{{RoleCode: "S8001:G8002:R8008", ActivityCodes: []string{"B0166"}}}
	for name, tt := range map[string]struct {
		person cis2.Person
		want   path.Facts
	}{
		"all is well": {cis2.Person{Email: "Ada@nhs.net", EmailVerified: true, Roles: position},
			path.Facts{Email: path.EmailAgrees, Position: path.Yes}},
		"not confirmed": {cis2.Person{Email: "ada@nhs.net", Roles: position},
			path.Facts{Email: path.EmailUnverified, Position: path.Yes}},
		"another address": {cis2.Person{Email: "ada@oldtrust.example", EmailVerified: true, Roles: position},
			path.Facts{Email: path.EmailDifferent, Position: path.Yes}},
		"no address, no position": {cis2.Person{}, path.Facts{Email: path.EmailDifferent, Position: path.No}},
	} {
		w.Must(rollout.Answer(t.Context(), w.DB, w.ada.ID, rollout.FromLogin(w.ada, tt.person)))
		asker := &answered{answer: extract.Answer{Found: extract.None}}
		got, err := rollout.Facts(t.Context(), asker, w.known())
		if err != nil || got.Identity != path.OneActive || got.Email != tt.want.Email ||
			got.Position != tt.want.Position || got.Authenticator != path.Sufficient || got.Working != path.Yes ||
			got.Linked != path.No {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}
