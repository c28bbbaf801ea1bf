package request

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/email"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/mail"
	"signpost/internal/platform/name"
	"signpost/internal/platform/random"
)

// Invitation asks a colleague to request an account. Nothing is made for them before they do.
type Invitation struct {
	ID                         string
	FirstName, LastName, Email string
	InvitedBy                  string // account id
}

const (
	// MaxInvited is how many colleagues are invited at once, and in a day by one person.
	MaxInvited = 50
	// InvitationLasts is how long an invitation can be followed.
	InvitationLasts = 28 * 24 * time.Hour
)

// Colleague is one line of those who are to be invited.
type Colleague struct {
	Line      int // from 1
	Text      string
	FirstName string
	LastName  string
	Email     string
	Problem   string // why they are not invited; empty if they are
}

// Colleagues reads a list with a name and an email address on each line, as people paste it: with commas, semicolons or
// tabs, from a table or a file. What cannot be invited says why.
func Colleagues(pasted string) (list []Colleague) {
	seen := map[string]int{}
	for i, line := range strings.Split(strings.TrimPrefix(pasted, "\ufeff"), "\n") {
		line = strings.TrimSpace(line)
		if line == "" || i == 0 && isHeading(line) {
			continue
		}
		one := colleagueOf(i+1, line)
		if address, err := email.Parse(one.Email); err == nil && one.Problem == "" {
			key, _ := address.Canonical()
			if before := seen[key]; before > 0 {
				one.Problem = fmt.Sprintf("The address is on line %d already", before)
			} else {
				seen[key] = one.Line
			}
		}
		list = append(list, one)
	}
	return list
}

// isHeading reports whether a first line names the columns of a table.
func isHeading(line string) bool {
	return !strings.Contains(line, "@") && strings.Contains(strings.ToLower(line), "mail")
}

func colleagueOf(number int, line string) Colleague {
	one := Colleague{Line: number, Text: line}
	var words []string
	for _, field := range fieldsOf(line) {
		if strings.Contains(field, "@") && one.Email == "" {
			one.Email = strings.Trim(field, "<>")
			continue
		}
		words = append(words, field)
	}
	switch len(words) {
	case 0:
	case 1:
		one.FirstName, one.LastName, _ = strings.Cut(words[0], " ")
	default:
		one.FirstName = words[0]
		one.LastName = strings.Join(words[1:], " ")
	}
	one.Problem = one.problem()
	return one
}

// fieldsOf parts a line where it is parted.
func fieldsOf(line string) (fields []string) {
	separator := ','
	for _, other := range "\t;" {
		if strings.ContainsRune(line, other) {
			separator = other
			break
		}
	}
	reader := csv.NewReader(strings.NewReader(line))
	reader.Comma = separator
	reader.LazyQuotes = true
	reader.FieldsPerRecord = -1
	record, err := reader.Read()
	if err != nil && !errors.Is(err, io.EOF) {
		return []string{line}
	}
	for _, field := range record {
		if field = strings.TrimSpace(field); field != "" {
			fields = append(fields, field)
		}
	}
	return fields
}

func (c Colleague) problem() string {
	address, err := email.ParseNew(c.Email)
	switch {
	case c.Email == "":
		return "There is no email address"
	case err != nil:
		return "The email address cannot be one"
	case email.RoleMailbox(address):
		return "The address looks like a team’s. Use one that only they can read"
	case strings.TrimSpace(c.FirstName+c.LastName) == "":
		return "There is no name"
	}
	for _, text := range []string{c.FirstName, c.LastName} {
		if problem := name.Problem(text); problem != "" {
			return problem
		}
	}
	return ""
}

var (
	errNobody  = fault.OfField("colleagues", "Enter at least one colleague: a name and an email address on a line")
	errTooMany = fault.OfField("colleagues", "Enter 50 colleagues or fewer")
	errToday   = fault.OfField("colleagues",
		"You can invite 50 colleagues a day. Enter fewer, or wait until tomorrow")
)

const (
	insertInvitation = `INSERT INTO request_invitation (id, digest, first_name, last_name, email, email_key, invited_by,
		created_at, ends_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`
	countInvited = `SELECT COUNT(*) FROM request_invitation WHERE invited_by = $1 AND created_at > $2`
)

// Invite mails each of some colleagues an invitation to ask for an account, and gives all that were pasted, with what
// is wrong with those who were not invited. Whether an address has an account makes no difference (rule R13): whoever
// asks with it is told.
func (q *Requests) Invite(ctx context.Context, by actor.Actor, pasted string) ([]Colleague, error) {
	list := Colleagues(pasted)
	switch {
	case len(list) == 0:
		return nil, errNobody
	case len(list) > MaxInvited:
		return nil, errTooMany
	}
	return list, q.DB.Update(ctx, by, func(w *db.W) error {
		if err := account.Require(ctx, w, account.ApproveUser); err != nil {
			return refuseActor(ctx, w, "", err)
		}
		before, err := db.Value[int64](ctx, w, countInvited, w.Actor().ID, w.Now().Add(-24*time.Hour))
		if err != nil {
			return fmt.Errorf("count invitations: %w", err)
		}
		var addresses []string
		for _, one := range list {
			if one.Problem != "" {
				continue
			}
			if before++; before > MaxInvited {
				return errToday
			}
			if err := q.invite(ctx, w, one); err != nil {
				return err
			}
			addresses = append(addresses, one.Email)
		}
		return w.Record(ctx, audit.Event{Kind: eventInvited, Subject: account.Ref(w.Actor().ID), After: addresses})
	})
}

func (q *Requests) invite(ctx context.Context, w *db.W, c Colleague) error {
	address, err := email.ParseNew(c.Email)
	if err != nil {
		return err
	}
	key, _ := address.Canonical()
	id := random.ID()
	secret := random.Secret()
	_, err = w.Exec(ctx, insertInvitation, id, random.Digest(secret), c.FirstName, c.LastName, address.String(), key,
		w.Actor().ID, w.Now(), w.Now().Add(InvitationLasts))
	if err != nil {
		return fmt.Errorf("invite: %w", err)
	}
	link := q.Home + "/request-account?invitation=" + id + "." + secret
	return q.Post.Send(ctx, w, invitationMail(c, address.String(), w.Actor().Name, link))
}

const selectInvitation = `SELECT id, first_name, last_name, email, invited_by FROM request_invitation
	WHERE id = $1 AND digest = $2 AND ends_at > $3`

// Invited gives the invitation of a link, or none if there is none. It only fills in a form: whoever has the link
// confirms the address as all do.
func (q *Requests) Invited(ctx context.Context, token string) (Invitation, error) {
	id, secret, _ := strings.Cut(token, ".")
	found, err := db.Read(ctx, q.DB, func(r db.R) (Invitation, error) {
		return db.One(ctx, r, scanInvitation, selectInvitation, id, random.Digest(secret), r.Now())
	})
	if errors.Is(err, fault.NotFound) {
		return Invitation{}, nil
	}
	return found, err
}

func scanInvitation(scan db.Scanner) (i Invitation, err error) {
	err = scan(&i.ID, &i.FirstName, &i.LastName, &i.Email, &i.InvitedBy)
	return i, err
}

func invitationMail(c Colleague, to, inviter, link string) mail.Message {
	return mail.Message{
		Kind: "request.invitation", To: to, Subject: "Request your own Directory of Services account",
		Text: "Dear " + strings.TrimSpace(c.FirstName+" "+c.LastName) + ",\n\n" +
			inviter + " asks you to request a Directory of Services account of your own. It takes about 5 minutes. " +
			"Have your Care Identity ready, if you have one.\n\n" + link + "\n\n" +
			"Nothing is made for you before you do. The link works for 28 days. If you have an account of your own, " +
			"you need no other.\n",
	}
}
