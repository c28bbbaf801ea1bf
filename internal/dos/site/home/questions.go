package home

import (
	"net/http"

	"signpost/internal/dos/account"
	"signpost/internal/dos/linking"
	"signpost/internal/dos/rollout"
	"signpost/internal/dos/site/frame"
	"signpost/internal/national/cis2"
	"signpost/internal/platform/portal"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
)

// questionTexts holds the text of each question.
var questionTexts = map[rollout.Question]string{
	rollout.AskIdentity: "Do you already have a Care Identity (a smartcard, security key, Windows Hello for NHS " +
		"services)?",
	rollout.AskEmail: "Does your Care Identity have the same email address as your Directory of Services account?",
	rollout.AskAccess: "Can you log in with your Care Identity, and do you have the ‘Directory of Services " +
		"System’ position?",
}

var choiceTexts = map[string]string{
	"active": "Yes, log in with it now", "inactive": "Yes, but it does not work", "none": "No",
	"unsure": "I do not know",
	"same":   "Yes", "unconfirmed": "Yes, but it is not confirmed there", "different": "No", "both": "Yes, both",
	"no-authenticator": "I have the position, but nothing to log in with",
	"no-position":      "I can log in, but do not have the position", "neither": "Neither",
}

var questionsForm = form.Form{Path: "/questions", Page: "Your Care Identity", Act: "Continue", Fields: questionFields()}

func questionFields() (fields []form.Field) {
	for _, q := range rollout.Questions() {
		radios := nhsuk.RadiosParams{
			Name: string(q), Fieldset: nhsuk.FieldsetParams{Legend: nhsuk.LegendParams{Text: questionTexts[q],
				Size: "m"}},
		}
		for _, c := range rollout.Choices[q] {
			radios.Items = append(radios.Items, nhsuk.RadioItem{Value: c, Text: choiceTexts[c]})
		}
		field := form.Radios(radios)
		if q == rollout.AskIdentity {
			field = field.Required("Choose an answer")
		}
		fields = append(fields, field)
	}
	return fields
}

func (h *Home) questions(w http.ResponseWriter, r *http.Request) error {
	known, err := h.known(r)
	if err != nil {
		return err
	}
	typed := questionsForm.New(r)
	for q, answer := range known.Answers {
		typed.Set(string(q), answer)
	}
	return h.showQuestions(w, r, http.StatusOK, typed)
}

func (h *Home) showQuestions(w http.ResponseWriter, r *http.Request, status int, typed *form.Rendered) error {
	user := frame.User(r).Account
	typed.About(user.Name() + " (" + user.Username + ")")
	v := questionsView{
		Page: h.frame.Page(w, r, questionsForm.Page), Form: typed, Shared: user.Kind == account.Shared,
		More: typed.Value(string(rollout.AskEmail)) != "" || typed.Value(string(rollout.AskAccess)) != "",
	}
	v.Page.Error = typed.HasProblems()
	v.Page.BackHref = "/"
	return web.Show(w, r, status, questionsPage(v))
}

// answer stores the answers. Whoever can log in with a Care Identity then does, as that answers everything.
func (h *Home) answer(w http.ResponseWriter, r *http.Request) error {
	typed := questionsForm.Read(r)
	if !typed.Complete() {
		return h.showQuestions(w, r, http.StatusUnprocessableEntity, typed)
	}
	answers := map[rollout.Question]string{}
	for _, q := range rollout.Questions() {
		if answer := typed.Value(string(q)); answer != "" {
			answers[q] = answer
		}
	}
	err := h.keep(w, r, answers)
	if typed.Refuse(err) {
		return h.showQuestions(w, r, http.StatusUnprocessableEntity, typed)
	}
	if err != nil {
		return err
	}
	if answers[rollout.AskIdentity] == "active" {
		user := frame.User(r)
		return h.frame.Start(w, r, portal.ProveNow(rollout.ByLogin, user.Account.ID, user.Session.ID))
	}
	return web.SeeOther(w, r, "/", "Your answers have been saved.")
}

// keep stores the answers of the account's holder, or those of one session of a shared account.
func (h *Home) keep(w http.ResponseWriter, r *http.Request, answers map[rollout.Question]string) error {
	user := frame.User(r)
	if user.Account.Kind != account.Shared {
		return rollout.Answer(r.Context(), h.frame.Passwords.DB, user.Account.ID, answers)
	}
	cookie, err := rollout.AnswerInSession(r.Context(), h.frame.Passwords.DB, user.Session.ID, answers)
	if err == nil {
		web.SetCookie(w, frame.AnswersCookie, cookie, 0)
	}
	return err
}

// loggedIn takes what the login of somebody with a Care Identity shows as their answers. It links nothing, and they
// stay in the session that they had.
func (h *Home) loggedIn(w http.ResponseWriter, r *http.Request, pending portal.Pending, person cis2.Person) error {
	user := frame.User(r)
	if user == nil || user.Session.ID != pending.Session || !pending.ProvedNow() {
		return portal.ErrNotStarted
	}
	if err := h.keep(w, r, rollout.FromLogin(user.Account, person)); err != nil {
		return err
	}
	return web.SeeOther(w, r, "/", "You logged in as "+page.Apart(person.Name)+", number ending "+
		linking.LastDigits(person.Subject)+". Nothing was linked. Your list is up to date.")
}
