package path

import (
	"slices"
	"strconv"
	"strings"
)

// word adds the texts to a step. It changes nothing else about it.
func (f Facts) addTexts(s *Step) {
	m := messages[s.What]
	s.Title = m.title
	s.Task = m.task
	s.Takes = m.takes
	s.Detail = slices.Clone(m.detail)
	for _, key := range f.sentences(s) {
		s.Detail = append(s.Detail, f.fill(sentences[key]))
	}
	s.Say = f.fill(m.say)
	s.By = f.deadline(s)
}

// sentences gives the keys of the sentences that the facts add to a step.
func (f Facts) sentences(s *Step) []string {
	var keys []string
	add := func(when bool, key string) {
		if when {
			keys = append(keys, key)
		}
	}
	switch s.What {
	case AskIdentity:
		add(f.Sought != "", "identity.sought")
	case RequestIndividualAccount:
		add(f.Phase == Closed, "shared.off")
	case MatchEmails:
		add(!s.Ready(), "email.first")
		add(s.Where == PlaceAccountEmail, "email.open")
		add(s.Where == PlaceProfileEmail, "email.locked")
	case AskAccess:
		add(f.Position == Unknown, "access.role")
		add(f.Authenticator == AuthenticatorUnknown, "access.factor")
		add(f.Authenticator == Sufficient && f.Approved == Unknown, "access.approve")
	case AwaitLinking:
		add(!f.Dates.Choose.IsZero(), "await.date")
	case Link:
		keys = f.linkSentences()
	}
	add(f.Authority != "" && (s.Where == PlaceFindRA || s.Also == PlaceFindRA), "authority")
	return keys
}

// linkSentences gives the keys of the sentences that say how an account is linked.
func (f Facts) linkSentences() []string {
	switch {
	case f.Account == Shared:
		return []string{"link.request"}
	case f.Phase < Require:
		return []string{"link.open", "link.after"}
	case f.Phase == Closed:
		return []string{"link.closed", "link.after"}
	case f.Dates.Close.IsZero():
		return []string{"link.require", "link.after"}
	}
	return []string{"link.require", "link.until", "link.after"}
}

// deadline gives the deadline of a step. If the password no longer works, the steps without which the person cannot
// sign in must be done now, and the others soon.
func (f Facts) deadline(s *Step) Deadline {
	switch {
	case s.What == AwaitLinking:
		return f.dated("opens", f.Dates.Choose)
	case f.PasswordWorks() && f.Phase == Require:
		key := "days"
		if f.DaysLeft == 1 {
			key = "last_day"
		}
		days := strings.NewReplacer("{days}", strconv.Itoa(f.DaysLeft))
		return Deadline{Message: days.Replace(deadlines[key]), Staff: days.Replace(staffDeadlines[key])}
	case f.PasswordWorks():
		return f.dated("before", f.Dates.Require)
	case s.Question || slices.Contains(s.For, SameEmail):
		return Deadline{Message: deadlines["soon"], Staff: staffDeadlines["soon"]}
	}
	return Deadline{Message: deadlines["now"], Staff: staffDeadlines["now"]}
}

func (f Facts) dated(key string, day Date) Deadline {
	if day.IsZero() {
		return Deadline{Message: deadlines[key+".later"]}
	}
	return Deadline{At: day.At, Message: strings.ReplaceAll(deadlines[key], "{date}", day.Text)}
}

func (f Facts) fill(text string) string {
	if !strings.Contains(text, "{") {
		return text
	}
	username := f.Username
	if username == "" {
		username = noUsername
	}
	return strings.NewReplacer(
		"{username}", username, "{authority}", f.Authority, "{sought}", f.Sought,
		"{date}", f.Dates.Choose.Text, "{close}", f.Dates.Close.Text,
	).Replace(text)
}
