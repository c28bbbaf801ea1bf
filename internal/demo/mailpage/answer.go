package mailpage

import (
	"net/http"
	"slices"

	"signpost/internal/platform/fault"
	"signpost/internal/platform/mail"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
)

// answerForm answers a mail that can be answered.
var answerForm = form.Form{Path: "/answer", At: "/", Page: "Mail that was sent", Act: "Send the answer",
	Fields: []form.Field{
		form.Hidden("mail"),
		form.Textarea(nhsuk.TextareaParams{
			Name: "text", Rows: 3, Label: nhsuk.LabelParams{Text: "Your answer", Size: "s"},
		}).Required("Enter an answer"),
	}}

func answering(box *mail.Mailbox, desk Desk) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		sent := answerForm.Read(r)
		all := box.All()
		at := slices.IndexFunc(all, func(k mail.Arrival) bool { return k.ID == sent.Value("mail") })
		if at < 0 || !sent.Complete() {
			return fault.SayCure(fault.Invalid, "There is no such mail, or no answer.", "Go back, and write something.")
		}
		if err := desk.send(all[at], sent.Value("text")); err != nil {
			return err
		}
		return web.SeeOther(w, r, "/", "")
	}
}
