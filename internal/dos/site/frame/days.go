package frame

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"signpost/internal/dos/signin"
	"signpost/internal/national/path"
	"signpost/internal/platform/web/page"
)

// PutOffPath is where somebody puts linking off for a day.
const PutOffPath = "/checklist/later"

// OwnException is where somebody asks that their password works longer.
const OwnException = "/account/exception"

// notice stands on every page that the user sees: that they have emergency rights, or how long their password works.
func notice(c signin.Current, now time.Time) page.Banner {
	if banner := emergencyNotice(c, now); banner.Text != "" {
		return banner
	}
	return daysNotice(c.Days)
}

// daysNotice says how long a password works, where days are counted, and else reminds of the move. It leads to the
// checklist: whoever lacks something cannot link yet.
func daysNotice(d signin.Days) page.Banner {
	link := page.Link{Text: "See what to do next", Href: "/checklist"}
	switch {
	case d.ReadingOnly:
		return page.Banner{Tag: "Last day", Link: link, Text: PasswordDays(d) + " "}
	case d.Limited:
		return page.Banner{Tag: daysText(d.Left + 1), Link: link, Text: PasswordDays(d) + " "}
	case d.Asked:
		return page.Banner{Tag: "Care Identity", Text: "You will soon log in with your Care Identity alone. ",
			Link: page.Link{Text: "See what to do next, or put it off", Href: "/checklist"}}
	}
	return page.Banner{}
}

// PasswordDays says how long a password still opens the directory; nothing where no days are counted.
func PasswordDays(d signin.Days) string {
	switch {
	case d.ReadingOnly:
		return "This is the last day on which your password works, and you can look but change nothing."
	case d.Limited:
		return "Your password works on " + daysText(d.Left+1) + " that you work, today among them. On the last one " +
			"you can only look."
	}
	return ""
}

func daysText(n int) string {
	if n == 1 {
		return "1 day"
	}
	return fmt.Sprintf("%d days", n)
}

// exceptionsNotice tells whoever decides about exceptions for passwords that some are asked for, where they begin.
func exceptionsNotice(r *http.Request) page.Banner {
	n := User(r).Exceptions
	if n == 0 || !slices.Contains([]string{"/", "/services", path.UsersPage, WavesPage}, r.URL.Path) {
		return page.Banner{}
	}
	text := "Somebody asks that a password works longer, and you can decide. "
	if n > 1 {
		text = fmt.Sprintf("It is asked for %d people that their passwords work longer, and you can decide. ", n)
	}
	return page.Banner{Tag: "Exceptions", Text: text,
		Link: page.Link{Text: "See who asks, and decide", Href: ExceptionsPage}}
}
