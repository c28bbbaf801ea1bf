package home

import (
	"errors"
	"net/http"

	"signpost/internal/dos/rollout"
	"signpost/internal/dos/site/frame"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/nhsuk"
)

// asked words each question and its choices.
var asked = map[rollout.Question]string{
	rollout.AskIdentity: "Do you have a Care Identity?",
	rollout.AskEmail:    "Does your Care Identity have the same email address as your Directory of Services account?",
	rollout.AskAccess:   "Can you log in with your Care Identity, and do you have the ‘Directory of Services System’ position?",
}

var choices = map[string]string{
	"active": "Yes, and it is active", "inactive": "Yes, but it is not active", "none": "No", "unsure": "I do not know",
	"same": "Yes", "different": "No", "both": "Yes, both", "no-authenticator": "I have the position, but nothing to log in with",
	"no-position": "I can log in, but do not have the position", "neither": "Neither",
}

func (h *Home) questions(w http.ResponseWriter, r *http.Request) error {
	var known rollout.Known
	err := h.frame.Desk.DB.View(r.Context(), func(read db.R) (err error) {
		known, err = rollout.Read(r.Context(), read, frame.Who(r).Account.ID)
		return err
	})
	if err != nil {
		return err
	}
	return h.ask(w, r, http.StatusOK, known.Answers, false)
}

func (h *Home) ask(w http.ResponseWriter, r *http.Request, status int, given map[rollout.Question]string, check bool) error {
	v := questionsView{Page: h.frame.Page(w, r, "Answer 3 questions")}
	for _, q := range rollout.Questions() {
		radios := nhsuk.RadiosParams{Name: string(q), IDPrefix: string(q), Value: given[q],
			Fieldset: nhsuk.FieldsetParams{Legend: nhsuk.LegendParams{Text: asked[q], Size: "m"}}}
		for _, c := range rollout.Choices[q] {
			radios.Items = append(radios.Items, nhsuk.RadioItem{Value: c, Text: choices[c]})
		}
		if check && given[q] == "" {
			radios.ErrorMessage = "Choose an answer"
			v.Errors = append(v.Errors, nhsuk.ErrorItem{Text: "Choose an answer: " + asked[q], Href: "#" + string(q)})
		}
		v.Questions = append(v.Questions, radios)
	}
	v.Page.Error = len(v.Errors) > 0
	return web.Show(w, r, status, questionsPage(v))
}

func (h *Home) answer(w http.ResponseWriter, r *http.Request) error {
	given := map[rollout.Question]string{}
	for _, q := range rollout.Questions() {
		given[q] = r.PostFormValue(string(q))
	}
	err := rollout.Answer(r.Context(), h.frame.Desk.DB, frame.Who(r).Account.ID, given)
	if errors.Is(err, fault.Invalid) {
		return h.ask(w, r, http.StatusUnprocessableEntity, given, true)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, "/", "Your answers are saved.")
}
