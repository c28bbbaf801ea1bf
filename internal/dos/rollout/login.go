package rollout

import (
	"context"
	"errors"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/national/cis2"
	"signpost/internal/national/rbac"
	"signpost/internal/platform/db"
	"signpost/internal/platform/email"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/session"
)

// ByLogin is the act of a sign-in at CIS2 that answers all questions at once and links nothing.
const ByLogin = "answers"

// FromLogin gives the answers that the login of a person shows: they have a Care Identity that works, perhaps with the
// account's email address, perhaps with the position.
func FromLogin(a account.Account, p cis2.Person) map[Question]string {
	answers := map[Question]string{AskIdentity: "active", AskEmail: emailAnswer(a, p), AskAccess: "no-position"}
	for _, r := range p.Roles {
		if rbac.DirectoryAccess(r.RoleCode, r.ActivityCodes) {
			answers[AskAccess] = "both"
		}
	}
	return answers
}

func emailAnswer(a account.Account, p cis2.Person) string {
	address, err := email.Parse(p.Email)
	if err != nil {
		return "different"
	}
	key, _ := address.Canonical()
	switch {
	case a.EmailKey == "" || key != a.EmailKey:
		return "different"
	case !p.EmailVerified:
		return "unconfirmed"
	}
	return "same"
}

// sessionAnswers are the answers of one session of a shared account.
type sessionAnswers struct {
	Session string
	Answers map[Question]string
}

// A session lasts no longer than its answers.
var sessionFlows = session.Flows[sessionAnswers]{Name: "dos.answers", Life: 12 * time.Hour}

// AnswerInSession stores what somebody answered on a shared account, for their session alone, and gives the cookie by
// which their browser finds it.
func AnswerInSession(
	ctx context.Context, d *db.DB, sessionID string, answers map[Question]string,
) (cookie string, err error) {
	if err := check(answers); err != nil {
		return "", err
	}
	return db.Keep(ctx, d, func(k *db.K) (string, error) {
		id, secret, err := sessionFlows.Start(ctx, k, sessionAnswers{Session: sessionID, Answers: answers})
		return session.Cookie(id, secret), err
	})
}

// OfSession gives what was answered in a session of a shared account; nothing where nothing was.
func OfSession(ctx context.Context, r db.R, cookie, sessionID string) (map[Question]string, error) {
	id, secret := session.Split(cookie)
	flow, err := sessionFlows.Load(ctx, r, id, secret)
	if errors.Is(err, fault.Expired) || err == nil && flow.State.Session != sessionID {
		return nil, nil
	}
	return flow.State.Answers, err
}
