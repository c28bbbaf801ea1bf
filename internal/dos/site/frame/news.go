package frame

import (
	"fmt"
	"log/slog"
	"net/http"

	"signpost/internal/dos/account"
	"signpost/internal/dos/banner"
	"signpost/internal/dos/mailing"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/page"
)

// newsOf gives the messages of the programme team that stand on a page for whoever makes a request. Staff are told who
// wrote them.
func newsOf(board *banner.Board) func(r *http.Request) []page.News {
	return func(r *http.Request) (list []page.News) {
		var waveID string
		if user := User(r); user != nil {
			waveID = user.Wave
		}
		banners, err := board.For(r.Context(), waveID)
		if err != nil {
			web.Log(r, slog.String("messages on every page are not known", err.Error()))
		}
		staff := Allowed(r, account.ManageWaves, account.ManageUsers, account.ServiceDesk)
		for _, b := range banners {
			one := NewsOf(b.Typed)
			if staff {
				one.By = b.Name
			}
			list = append(list, one)
		}
		return list
	}
}

// NewsOf gives a message as it stands on a page.
func NewsOf(t banner.Typed) page.News {
	return page.News{Text: t.Text, Link: page.Link{Text: t.LinkText, Href: t.Link}}
}

// AgeText says how old somebody has to be to read a text with ease, and what to do where that is too old;
// nothing of a text that is too short to tell.
func AgeText(age int) string {
	if age == 0 {
		return ""
	}
	text := fmt.Sprintf("Reading age: %d.", age)
	if age > mailing.MaxAge {
		text += fmt.Sprintf(" More than %d is hard for many. Shorten sentences and choose plain words. "+
			"Longest sentences:", mailing.MaxAge)
	}
	return text
}
