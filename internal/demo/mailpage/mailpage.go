// Package mailpage shows what a demo's mailbox holds. There is no such page outside a demo.
package mailpage

import (
	"net/http"
	"strings"

	"signpost/internal/platform/mail"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/page"
)

// Mount adds the page to a site.
func Mount(s *web.Site, box *mail.Mailbox, frame page.Params) {
	s.Handle("GET /{$}", web.Anyone, func(w http.ResponseWriter, r *http.Request) error {
		v := mailView{Page: frame}
		v.Page.Title = "Mail that was sent"
		for _, k := range box.All() {
			v.Letters = append(v.Letters, letterOf(k))
		}
		return web.Show(w, r, http.StatusOK, mailPage(v))
	})
}

func letterOf(k mail.Kept) letter {
	l := letter{ID: "mail-" + k.ID, To: k.To, Subject: k.Subject, At: web.DateTime(k.Queued)}
	for text := range strings.SplitSeq(strings.TrimSpace(k.Text), "\n") {
		one := line{Text: text}
		if strings.HasPrefix(text, "http://") || strings.HasPrefix(text, "https://") {
			one.Href = text
		}
		l.Lines = append(l.Lines, one)
	}
	return l
}
