package waves

import (
	"net/http"
	"net/url"

	"signpost/internal/dos/account"
	"signpost/internal/dos/mailing"
	"signpost/internal/dos/site/frame"
	"signpost/internal/national/path"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
)

// ways lead from the page of a wave to its people, as far as the reader may go.
type ways struct {
	wave                 string // id
	looks, writes, reads bool
}

func waysFrom(r *http.Request, id string) ways {
	return ways{wave: id, looks: frame.Allowed(r, account.ManageUsers, account.ServiceDesk),
		writes: frame.Allowed(r, account.ManageUsers), reads: frame.Allowed(r, account.ViewReports)}
}

// list leads to the list of the accounts of which a filter has a value; nowhere for whoever has no list.
func (y ways) list(who, filter, value string) []nhsuk.ActionParams {
	if !y.looks {
		return nil
	}
	query := url.Values{frame.WaveField: {y.wave}, filter: {value}}
	return []nhsuk.ActionParams{{Text: "See who", VisuallyHiddenText: who, Href: path.UsersPage + "?" + query.Encode()}}
}

// board leads to how far the people are, and who has to act next.
func (y ways) board() []nhsuk.ActionParams {
	if !y.reads {
		return nil
	}
	return []nhsuk.ActionParams{{Text: "See how far", VisuallyHiddenText: "they are, and who has to act next",
		Href: frame.BoardPage + "?" + url.Values{frame.WaveField: {y.wave}}.Encode()}}
}

// links lead to what can be said to the people.
func (y ways) links() (links []page.Link) {
	if y.writes {
		query := url.Values{frame.WaveField: {y.wave}, frame.TextField: {string(mailing.Steps)}}
		links = append(links, page.Link{Text: "Write to each about their own next step",
			Href: frame.WriteToUsers + "?" + query.Encode()})
	}
	return append(links, page.Link{Text: "Put up a message for them",
		Href: frame.BannersPage + "/new?" + url.Values{frame.WaveField: {y.wave}}.Encode()})
}
