package merge

import (
	"context"
	"errors"
	"strings"

	"signpost/internal/dos/account"
	"signpost/internal/dos/directory"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/mailcode"
)

// Line says of one thing what both accounts have, and what becomes of it.
type Line struct{ What, Survivor, Closed, Then string }

// Preview says what a merge of two accounts with some groups does to each thing that they have. Groups that are nil are
// not chosen yet.
func Preview(ctx context.Context, r db.R, s Sides, chosen []account.Membership) (list []Line, err error) {
	survivor, closed, err := links(ctx, r, s)
	if err != nil {
		return nil, err
	}
	list = []Line{
		{"Username", s.Survivor.Username, s.Closed.Username,
			s.Survivor.Username + " stays. " + s.Closed.Username + " opens nothing any more, and nobody else gets it."},
		{"Name", s.Survivor.Name(), s.Closed.Name(), "The name of " + s.Survivor.Username + " stays."},
		{"Email address", s.Survivor.Email, s.Closed.Email, "That of " + s.Survivor.Username + " stays. The other " +
			"belongs to the closed account; if it comes up at another account, a reviewer looks at it."},
		{"Care Identity", linkText(survivor), linkText(closed), linkThen(survivor, closed, s)},
		{"Password", passwordText(s.Survivor), passwordText(s.Closed), passwordThen(closed, s)},
	}
	groups, err := groupLines(ctx, r, s, chosen)
	if err != nil {
		return nil, err
	}
	list = append(list, groups...)
	waiting, err := codesLine(ctx, r, s)
	if err != nil {
		return nil, err
	}
	return append(list, waiting,
		Line{"Sessions", "", "", "Both are logged out."},
		Line{"History", "", "", "What was done with each account, and the records of its links, stay with that " +
			"account. Requests that were made or decided with it keep its name."},
		Line{"Shared accounts", "", "", "Who said, with the address of " + s.Closed.Username + ", that they use a " +
			"shared account counts as the holder of " + s.Survivor.Username + "."},
	), nil
}

func linkText(l *account.Link) string {
	if l == nil {
		return "Not linked"
	}
	return "Linked, number ending " + l.Subject[max(0, len(l.Subject)-3):]
}

func linkThen(survivor, closed *account.Link, s Sides) string {
	switch {
	case closed != nil:
		return "It opens " + s.Survivor.Username + " from then on."
	case survivor != nil:
		return "It opens " + s.Survivor.Username + " as before."
	}
	return "There is none. The holder can link " + s.Survivor.Username + " later."
}

func passwordText(a account.Account) string {
	if a.PasswordHash == "" {
		return "None"
	}
	return "Set"
}

func passwordThen(closed *account.Link, s Sides) string {
	if closed != nil {
		return "None opens anything any more. They do not come back by an undo."
	}
	return "That of " + s.Closed.Username + " ends, and does not come back by an undo. That of " +
		s.Survivor.Username + " stays as it is."
}

// groupLines says of each group of both accounts what becomes of it.
func groupLines(ctx context.Context, r db.R, s Sides, chosen []account.Membership) (list []Line, err error) {
	kept, err := account.GrantsOf(ctx, r, s.Survivor.ID)
	if err != nil {
		return nil, err
	}
	closed, err := account.GrantsOf(ctx, r, s.Closed.ID)
	if err != nil {
		return nil, err
	}
	for _, m := range kept.Memberships() {
		text, err := groupText(ctx, r, m, s.Survivor)
		if err != nil {
			return nil, err
		}
		list = append(list, Line{"Group", text, "", "It stays."})
	}
	for _, m := range closed.Memberships() {
		text, err := groupText(ctx, r, m, s.Closed)
		if err != nil {
			return nil, err
		}
		then, err := groupThen(ctx, r, s, m, kept, chosen)
		if err != nil {
			return nil, err
		}
		list = append(list, Line{"Group", "", text, then})
	}
	return list, nil
}

func groupText(ctx context.Context, r db.R, m account.Membership, a account.Account) (string, error) {
	where, err := directory.ScopeText(ctx, r, m.Scope, a)
	return m.Group.Title() + ", " + where, err
}

func groupThen(ctx context.Context, r db.R, s Sides, m account.Membership, kept account.Grants,
	chosen []account.Membership) (string, error) {
	if _, err := kept.Membership(m.Group, m.Scope); err == nil {
		return s.Survivor.Username + " has it already.", nil
	}
	for _, one := range chosen {
		if one.Group == m.Group && one.Scope == m.Scope {
			text, err := groupText(ctx, r, m, s.Survivor)
			return s.Survivor.Username + " gets it: " + text + ".", err
		}
	}
	if chosen == nil {
		return "It ends with the closed account, unless you choose it below.", nil
	}
	return "It ends with the closed account.", nil
}

// codesLine says whether a change of an address waits for its code.
func codesLine(ctx context.Context, r db.R, s Sides) (Line, error) {
	line := Line{What: "Changes of the email address that wait for a code",
		Then: "That of " + s.Closed.Username + " ends, and so do all codes that were mailed or handed over for it."}
	var texts []string
	for _, a := range []account.Account{s.Survivor, s.Closed} {
		to, err := mailcode.Awaited(ctx, r, account.ForEmail, account.Ref(a.ID))
		if err != nil && !errors.Is(err, fault.NotFound) {
			return line, err
		}
		texts = append(texts, strings.Join(to, ", "))
	}
	line.Survivor = texts[0]
	line.Closed = texts[1]
	for _, text := range []*string{&line.Survivor, &line.Closed} {
		if *text == "" {
			*text = "None"
		}
	}
	return line, nil
}
