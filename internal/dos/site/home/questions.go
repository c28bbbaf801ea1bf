package home

import (
	"net/http"

	"signpost/internal/dos/rollout"
	"signpost/internal/dos/site/frame"
	"signpost/internal/platform/db"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
)

// questionTexts holds the text of each question.
var questionTexts = map[rollout.Question]string{
	rollout.AskIdentity: "Do you have a Care Identity?",
	rollout.AskEmail:    "Does your Care Identity have the same email address as your Directory of Services account?",
	rollout.AskAccess: "Can you log in with your Care Identity, and do you have the ‘Directory of Services " +
		"System’ position?",
}

var choiceTexts = map[string]string{
	"active": "Yes, and it is active", "inactive": "Yes, but it is not active", "none": "No", "unsure": "I do not know",
	"same": "Yes", "different": "No", "both": "Yes, both",
	"no-authenticator": "I have the position, but nothing to log in with",
	"no-position":      "I can log in, but do not have the position", "neither": "Neither",
}

var questionsForm = form.Form{Path: "/questions", Fields: questionFields()}

func questionFields() (fields []form.Field) {
	for _, q := range rollout.Questions() {
		radios := nhsuk.RadiosParams{
			Name: string(q), Fieldset: nhsuk.FieldsetParams{Legend: nhsuk.LegendParams{Text: questionTexts[q],
				Size: "m"}},
		}
		for _, c := range rollout.Choices[q] {
			radios.Items = append(radios.Items, nhsuk.RadioItem{Value: c, Text: choiceTexts[c]})
		}
		fields = append(fields, form.Radios(radios))
	}
	return fields
}

func (h *Home) questions(w http.ResponseWriter, r *http.Request) error {
	known, err := db.Read(r.Context(), h.frame.Passwords.DB, func(read db.R) (rollout.Known, error) {
		return rollout.Read(r.Context(), read, frame.User(r).Account.ID)
	})
	if err != nil {
		return err
	}
	typed := questionsForm.New(r)
	for q, answer := range known.Answers {
		typed.Set(string(q), answer)
	}
	return h.ask(w, r, http.StatusOK, typed)
}

func (h *Home) ask(w http.ResponseWriter, r *http.Request, status int, typed *form.Rendered) error {
	v := questionsView{Page: h.frame.Page(w, r, "Answer 3 questions"), Form: typed}
	v.Page.Error = typed.Wrong()
	return web.Show(w, r, status, questionsPage(v))
}

func (h *Home) answer(w http.ResponseWriter, r *http.Request) error {
	typed := questionsForm.Read(r)
	answers := map[rollout.Question]string{}
	for _, q := range rollout.Questions() {
		answers[q] = typed.Value(string(q))
		if answers[q] == "" {
			problem := "Choose an answer"
			typed.Add(form.Problem{Field: string(q), Text: problem, Summary: problem + ": " + questionTexts[q]})
		}
	}
	if typed.Wrong() {
		return h.ask(w, r, http.StatusUnprocessableEntity, typed)
	}
	err := rollout.Answer(r.Context(), h.frame.Passwords.DB, frame.User(r).Account.ID, answers)
	if typed.Refuse(err) {
		return h.ask(w, r, http.StatusUnprocessableEntity, typed)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, "/", "Your answers have been saved.")
}
