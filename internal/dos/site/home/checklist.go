package home

import (
	"fmt"
	"net/url"
	"time"

	"github.com/a-h/templ"

	"signpost/internal/dos/account"
	"signpost/internal/dos/rollout"
	"signpost/internal/dos/rollout/checklist"
	"signpost/internal/dos/site/frame"
	"signpost/internal/national/path"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
	"signpost/internal/platform/when"
)

// stateTexts shows the state of a line of the checklist.
var stateTexts = map[path.State]nhsuk.TaskListStatus{
	path.Done:    {Text: "Completed"},
	path.Do:      {Tag: nhsuk.TagParams{Text: "To do", Colour: nhsuk.TagAwaited}},
	path.Waiting: {Text: "Cannot start yet"},
	path.Unclear: {Tag: nhsuk.TagParams{Text: "Not known", Colour: nhsuk.TagUnknown}},
}

// told is what one person's checklist is made from.
type told struct {
	known rollout.Known
	facts path.Facts
	user  account.Account
	asks  []checklist.Ask
	now   path.Now
	at    time.Time

	answered  bool // some of it is what the person said
	waits     frame.WaitingLink
	requested time.Time // when they asked for an account of their own, which waits; zero if they did not
	claimed   time.Time // when they said who they are who use a shared account; zero if they did not
}

// checklistOf makes the view of the checklist: the one thing to do now, who else is at work, and what comes after.
func (h *Home) checklistOf(t told) checklistView {
	v := checklistView{Finished: t.facts.Finished(), Heading: t.now.Do.Title}
	switch {
	case v.Finished:
		v.Heading = "You are ready"
		v.Lede = "There is nothing left to do: log in with your Care Identity."
	case t.now.Do.What == "":
		v.Heading = "There is nothing for you to do now"
		v.Lede = "Others are working on it. We look again every hour, and send you an email when there is something " +
			"for you to do."
		if t.user.Kind == account.Shared {
			v.Lede = "Others are working on it."
		}
	default:
		v.Caption = fmt.Sprintf("Step %d of %d", t.now.Number, t.now.Of)
		v.Now = h.nowOf(t)
	}
	for _, item := range path.Checklist(t.facts) {
		v.Items = append(v.Items, nhsuk.TaskListItem{
			Heading: item.Title, Status: t.state(item), Href: h.elsewhere(t.now, item),
		})
	}
	for _, s := range t.now.Working {
		v.Working = append(v.Working, t.workOf(s))
	}
	for _, s := range t.now.After {
		v.After = append(v.After, h.stepOf(s, ownerOf(s, t.facts)))
	}
	return v
}

// state shows how far a line of the checklist is: what others were asked to do is not the person's any more.
func (t told) state(item path.Item) nhsuk.TaskListStatus {
	for _, s := range item.Steps {
		for _, working := range t.now.Working {
			if s.What == working.What {
				return nhsuk.TaskListStatus{Text: "Others are working on it"}
			}
		}
	}
	return stateTexts[item.State]
}

// elsewhere gives the address at which the person can work at a line that is not the one to do now; empty for none.
func (h *Home) elsewhere(now path.Now, item path.Item) string {
	for _, s := range item.Steps {
		if links := h.frame.Links(s.Where); s.What != now.Do.What && s.Ready() && !s.Waits() && len(links) > 0 {
			return links[0].Href
		}
	}
	return ""
}

// linkWaits says in the list that an administrator is looking at the link, or has approved it, if so.
func (v *checklistView) linkWaits(f path.Facts) {
	for i, item := range path.Checklist(f) {
		switch {
		case item.Need != path.LinkedAccount || item.State == path.Done:
		case v.Waits.Since != "":
			v.Items[i].Status = nhsuk.TaskListStatus{Text: "An administrator is looking at it"}
			v.Items[i].Href = "" // where asking again would change nothing
		case v.Waits.Until != "":
			v.Items[i].Status = stateTexts[path.Do]
			v.Items[i].Href = linkPath
		}
	}
}

const linkPath = "/link"

func (h *Home) stepOf(s path.Step, owner templ.Component) stepView {
	v := stepView{
		ID:     "step-" + string(s.What),
		Title:  s.Title,
		Detail: s.Detail,
		Say:    s.Say,
		Rows: []nhsuk.SummaryListRow{
			{Key: "Who does it", ValueHTML: owner}, {Key: "By when", Value: s.By.Message},
			{Key: "How long it takes", Value: s.Takes},
		},
	}
	if s.Ready() {
		v.Links = h.frame.Links(s.Where, s.Also)
	}
	return v
}

// nowOf makes the view of the one thing to do now.
func (h *Home) nowOf(t told) nowView {
	s := t.now.Do
	v := nowView{stepView: h.stepOf(s, ownerOf(s, t.facts)), Before: t.before(s)}
	for _, other := range t.now.With {
		v.With = append(v.With, other.Task)
	}
	v.act(t)
	v.Links = append(v.Links, h.askOf(s, t.user)...)
	v.MayNote = s.Asks() && t.user.Kind != account.Shared
	return v
}

// askOf leads to the form by which a registration authority is asked for a step without a login. It fills in what is
// known of the holder of the account: who they are stands behind the #, which no browser sends to a server, as
// addresses are written into logs.
func (h *Home) askOf(s path.Step, user account.Account) []page.Link {
	need := s.What.AskOf()
	if need == "" || h.frame.CIM == "" || !s.Ready() {
		return nil
	}
	asked := url.Values{"need": {need}}
	if user.Organisation != "" {
		asked.Set("ods", user.Organisation)
	}
	to := h.frame.CIM + path.AskRAPage + "?" + asked.Encode()
	if user.Kind != account.Shared {
		to += "#" + url.Values{"name": {user.Name()}, "email": {user.Email}}.Encode()
	}
	return []page.Link{{Text: "Ask your registration authority by a form", Href: to}}
}

// before says that the person asked a while ago.
func (t told) before(s path.Step) string {
	if ask, is := checklist.AskOf(t.asks, s.What); is {
		return "You asked " + ask.Of + " on " + when.Date(ask.At) + ". Ask again, or telephone."
	}
	return ""
}

// act chooses the one button: the mail to those who do it, a telephone call, or the page on which it is done.
func (v *nowView) act(t told) {
	to, call := page.FirstEmail(t.facts.Contact), page.FirstPhone(t.facts.Contact)
	switch {
	case !t.now.Do.OfAuthority() || t.facts.Authority == "" || to == "" && call == "":
		v.follow()
	case to == "":
		v.Button = nhsuk.ButtonParams{Text: "Telephone " + t.facts.Authority, Href: page.Call(call)}
	default:
		l := t.letter(to)
		v.Letter = t.body()
		v.Name, v.Address = t.signature()
		v.Own = page.MailTo(l.To, l.Subject, l.Text)
		v.Button = nhsuk.ButtonParams{Text: "Send the email to " + l.Of, PreventDoubleClick: true}
		if t.user.Kind == account.Shared { // nobody here knows who writes
			v.Button = nhsuk.ButtonParams{Text: "Write the email to " + l.Of, Href: v.Own}
		}
	}
}

// follow makes the first of the links the button.
func (v *nowView) follow() {
	if len(v.Links) == 0 {
		return
	}
	v.Button = nhsuk.ButtonParams{Text: v.Links[0].Text, Href: v.Links[0].Href}
	v.Links = v.Links[1:]
}

// workOf says who else is at work, and since when.
func (t told) workOf(s path.Step) workView {
	v := workView{Who: s.Owner.ToPerson(), Task: s.For[0].Title()}
	ask, is := checklist.AskOf(t.asks, s.What)
	switch {
	case is:
		v.Who = ask.Of
		v.Since = asked(ask.At, t.at)
	case s.What == path.AuthoriseAccount && !t.requested.IsZero():
		v.Since = asked(t.requested, t.at)
	case s.What == path.Link:
		v.Who = path.DoSAdministrator.ToPerson()
		v.Since = "Looking at it since " + t.waits.Since
	case s.What == path.AwaitLinking:
		v.Since = "Linking opens: " + s.By.Message
	}
	switch {
	case s.What == path.AuthoriseAccount && t.requested.IsZero():
		v.Since = "You said who you are on " + when.DateTime(t.claimed)
		v.Detail = []string{"A DoS user administrator looks at it, and we email your own address. You need not " +
			"request an account before."}
	case s.Waits():
		v.Detail = s.Detail
	}
	if s.OfAuthority() {
		v.Contact = t.facts.Contact
	}
	return v
}

func asked(at, now time.Time) string {
	return "You asked on " + when.Date(at) + ", " + when.Ago(at, now)
}
