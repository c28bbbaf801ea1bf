// Package mailpage shows what a demo's mailbox holds: on a page of its own, and in a drawer on every other page. There
// is neither outside a demo.
package mailpage

import (
	"context"
	"io"
	"net/http"
	"strings"

	"github.com/a-h/templ"

	"signpost/internal/platform/mail"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/page"
	"signpost/internal/platform/when"
)

// Mount adds the page to a site.
func Mount(s *web.Site, box *mail.Mailbox, frame page.Params, desk Desk) {
	answerForm.Handle(s, web.Anyone, answering(box, desk))
	s.Handle("GET /{$}", web.Anyone, func(w http.ResponseWriter, r *http.Request) error {
		v := mailView{Page: frame, Desk: desk.Address, At: desk.At().String()}
		for _, k := range box.All() {
			one := letterOf(k)
			one.Return = k.Return
			if k.ReplyTo != "" {
				one.Answer = answerForm.New(r).Set("mail", k.ID)
			}
			v.Letters = append(v.Letters, one)
		}
		v.Page.Title = "Mail that was sent"
		return web.Show(w, r, http.StatusOK, mailPage(v))
	})
}

// drawerPath is where each site with a drawer gives what is in it, so that an open drawer shows mail as it comes.
const drawerPath = "/demo/mail"

// maxInDrawer is how many of the newest mails the drawer holds. The page has them all.
const maxInDrawer = 5

// Drawer is the drawer of mail, as it stands whenever it is shown. all is the address of the page of mail.
func Drawer(box *mail.Mailbox, all string) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		return drawer(drawerOf(box, all)).Render(ctx, w)
	})
}

// MountDrawer lets a site's pages look again for what is in the drawer.
func MountDrawer(s *web.Site, box *mail.Mailbox, all string) {
	s.Handle("GET "+drawerPath, web.Anyone, func(w http.ResponseWriter, r *http.Request) error {
		return web.Show(w, r, http.StatusOK, drawer(drawerOf(box, all)))
	})
}

func drawerOf(box *mail.Mailbox, all string) drawerView {
	list := box.All()
	v := drawerView{Count: len(list), All: all}
	v.Letters = lettersOf(list[:min(len(list), maxInDrawer)])
	return v
}

func lettersOf(list []mail.Arrival) (letters []letter) {
	for _, k := range list {
		letters = append(letters, letterOf(k))
	}
	return letters
}

func idOf(k mail.Arrival) string { return "mail-" + k.ID }

func letterOf(k mail.Arrival) letter {
	l := letter{ID: idOf(k), To: k.To, Subject: k.Subject, At: when.DateTime(k.Queued)}
	for text := range strings.SplitSeq(strings.TrimSpace(k.Text), "\n") {
		one := line{Text: text}
		if strings.HasPrefix(text, "http://") || strings.HasPrefix(text, "https://") {
			one.Href = text
		}
		l.Lines = append(l.Lines, one)
	}
	return l
}
