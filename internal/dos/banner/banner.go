// Package banner keeps messages of the programme team that stand above every page of the directory for a while: for
// everybody, or for the people of one wave. Each ends by itself.
//
// It does not know how a page shows them.
package banner

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"signpost/internal/dos/account"
	"signpost/internal/dos/mailing"
	"signpost/internal/dos/wave"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/name"
	"signpost/internal/platform/random"
)

const (
	eventWritten audit.Kind = "banner.written"
	eventPutUp   audit.Kind = "banner.put-up"
	eventDown    audit.Kind = "banner.taken-down"
	eventGone    audit.Kind = "banner.discarded"
)

// Limits.
const (
	// MaxText and MaxLinkText are the most characters of a message and of its link.
	MaxText     = 250
	MaxLinkText = 60
	// MaxDays is for how many days a message can stand.
	MaxDays = 90
	// MaxShown is how many messages stand on a page at a time.
	MaxShown = 3

	maxOpen = 20 // messages that stand or will, for all and all waves together
	day     = 24 * time.Hour
)

var (
	errText = fault.OfField("text",
		fmt.Sprintf("Enter the message, in %d characters or fewer and on one line", MaxText))
	errLeads = fault.OfField("text", "Take out what looks like a link or an email address. A link of its own goes "+
		"into the fields below")
	errLink     = fault.OfField("link", "Enter the address of a page of this site, such as /checklist")
	errLinkText = fault.OfField("link_text", fmt.Sprintf("Enter what the link says, in %d characters or fewer and "+
		"without an address", MaxLinkText))
	errNoLink  = fault.OfField("link", "Enter where the link leads, or leave out what it says")
	errWave    = fault.OfField("wave", "Select everybody or a wave")
	errOrder   = fault.OfField("until", "Enter an end that is after the beginning")
	errPast    = fault.OfField("until", "Enter an end that is still to come")
	errTooLong = fault.OfField("until",
		fmt.Sprintf("Enter an end that is at most %d days after the beginning", MaxDays))
	errMany = fault.SayCure(fault.Conflict,
		fmt.Sprintf("There are %d messages already that are showing or still to come.", maxOpen),
		"Take one of them down first.")
	errDown = fault.SayCure(fault.Conflict, "This message is not showing any more.", "Nothing is left to take down.")
	errUp   = fault.SayCure(fault.Conflict, "This message is up already, or its end has passed.",
		"Write another like it if it is needed.")
	errRead = fault.SayCure(fault.Conflict, "This message was put up, so it stays as it is.",
		"Write another like it, and take this one down if it is still showing.")
)

// Typed is a message as somebody writes it.
type Typed struct {
	Text     string
	Link     string // a page of our own: a path, or its whole address; empty for none
	LinkText string
	Wave     string    // the id of the wave whose people it is for; empty for everybody
	Begins   time.Time // zero for when it is put up
	Ends     time.Time
}

// Banner is a message.
type Banner struct {
	Typed

	ID       string
	Made     time.Time
	Name     string    // who wrote it
	Up       time.Time // when it was last put up; zero if it never was
	UpName   string    // by whom
	Down     time.Time // when it was taken down after that; zero if it was not
	DownName string    // by whom
}

// Open reports whether a message stands at a time, or will by itself.
func (b Banner) Open(now time.Time) bool {
	return !b.Up.IsZero() && b.Down.IsZero() && now.Before(b.Ends)
}

// Stands reports whether a message stands at a time.
func (b Banner) Stands(now time.Time) bool { return b.Open(now) && !now.Before(b.Begins) }

// CanGoUp reports whether a message can be put up: it is not, and its time is not over.
func (b Banner) CanGoUp(now time.Time) bool { return !b.Open(now) && now.Before(b.Ends) }

// Draft reports whether a message was never put up, so that nobody else has read it.
func (b Banner) Draft() bool { return b.Up.IsZero() }

// Ref names a message in events.
func Ref(id string) audit.Ref { return audit.Ref{Kind: "banner", ID: id} }

// Office writes messages, puts them up and takes them down.
type Office struct {
	DB    *db.DB
	Homes []string // addresses of our sites to which a message may lead; that of the directory first
	Board *Board   // on which they stand on this node
}

// checked gives the message as it is kept, of what somebody typed, or what is wrong with it.
func (o Office) checked(ctx context.Context, r db.R, t Typed) (Typed, error) {
	t.Text = strings.TrimSpace(t.Text)
	t.LinkText = strings.TrimSpace(t.LinkText)
	if err := checkText(t); err != nil {
		return t, err
	}
	var err error
	if t.Link, err = o.pageOf(strings.TrimSpace(t.Link)); err != nil {
		return t, err
	}
	if err := checkLinkText(t); err != nil {
		return t, err
	}
	if t.Wave != "" {
		if _, err := wave.ByID(ctx, r, t.Wave); err != nil {
			return t, unknownWave(err)
		}
	}
	return t, checkTimes(t, r.Now())
}

func checkText(t Typed) error {
	if err := name.CheckText("text", t.Text); err != nil {
		return err
	}
	if t.Text == "" || utf8.RuneCountInString(t.Text) > MaxText || strings.ContainsAny(t.Text, "\r\n") {
		return errText
	}
	if mailing.Leads(t.Text) {
		return errLeads
	}
	return nil
}

func checkLinkText(t Typed) error {
	switch {
	case t.Link == "" && t.LinkText == "":
		return nil
	case t.Link == "":
		return errNoLink
	case t.LinkText == "" || utf8.RuneCountInString(t.LinkText) > MaxLinkText || mailing.Leads(t.LinkText):
		return errLinkText
	}
	return name.Check("link_text", t.LinkText)
}

// pageOf gives the path of a page of the directory, or the whole address of a page of another site of ours.
func (o Office) pageOf(link string) (string, error) {
	if link == "" {
		return "", nil
	}
	if strings.HasPrefix(link, "/") && mailing.OwnPage(o.Homes[0]+link, o.Homes[0]) {
		return link, nil
	}
	for i, home := range o.Homes {
		switch {
		case !mailing.OwnPage(link, home):
		case i == 0:
			return "/" + strings.TrimPrefix(strings.TrimPrefix(link, home), "/"), nil
		default:
			return link, nil
		}
	}
	return "", errLink
}

func unknownWave(err error) error {
	if errors.Is(err, fault.NotFound) {
		return errWave
	}
	return err
}

func checkTimes(t Typed, now time.Time) error {
	begins := t.Begins
	if begins.IsZero() {
		begins = now
	}
	switch {
	case !t.Ends.After(now):
		return errPast
	case !t.Ends.After(begins):
		return errOrder
	case t.Ends.Sub(begins) > MaxDays*day+time.Hour: // one hour more, as clocks go back
		return errTooLong
	}
	return nil
}

const insertBanner = `INSERT INTO banner (id, text, link, link_text, wave_id, begins_at, ends_at, made_at, made_name)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`

// Write keeps a message, which stands once it is put up, and gives its id.
func (o Office) Write(ctx context.Context, by actor.Actor, typed Typed) (string, error) {
	id := random.ID()
	return id, o.change(ctx, by, func(w *db.W) error { return o.write(ctx, w, id, typed) })
}

func (o Office) write(ctx context.Context, w *db.W, id string, typed Typed) error {
	t, err := o.checked(ctx, w, typed)
	if err != nil {
		return err
	}
	_, err = w.Exec(ctx, insertBanner, id, t.Text, t.Link, t.LinkText, t.Wave, t.Begins, t.Ends, w.Now(),
		w.Actor().Name)
	if err != nil {
		return fmt.Errorf("write banner: %w", err)
	}
	return w.Record(ctx, audit.Event{Kind: eventWritten, Subject: Ref(id), After: t})
}

const putUp = `UPDATE banner SET up_at = $2, up_name = $3, begins_at = $4, down_at = NULL, down_name = ''
	WHERE id = $1 AND (up_at IS NULL OR down_at IS NOT NULL)`

// PutUp has a message stand until its end, also again after it was taken down.
func (o Office) PutUp(ctx context.Context, by actor.Actor, id string) error {
	return o.change(ctx, by, func(w *db.W) error {
		b, err := ByID(ctx, w, id)
		if err != nil {
			return err
		}
		if !b.CanGoUp(w.Now()) {
			return errUp
		}
		if err := room(ctx, w); err != nil {
			return err
		}
		if b.Begins.IsZero() {
			b.Begins = w.Now()
		}
		if err := w.Change(ctx, putUp, id, w.Now(), w.Actor().Name, b.Begins); err != nil {
			return fmt.Errorf("put banner up: %w", err)
		}
		return w.Record(ctx, audit.Event{Kind: eventPutUp, Subject: Ref(id), After: b.Typed})
	})
}

// room refuses one message more where there are too many.
func room(ctx context.Context, r db.R) error {
	list, err := open(ctx, r)
	if err == nil && len(list) >= maxOpen {
		return errMany
	}
	return err
}

// TakeDown ends a message before its time. It can be put up again until then.
func (o Office) TakeDown(ctx context.Context, by actor.Actor, id string) error {
	return o.change(ctx, by, func(w *db.W) error {
		before, err := ByID(ctx, w, id)
		if err != nil {
			return err
		}
		if !before.Open(w.Now()) {
			return errDown
		}
		err = w.Change(ctx, `UPDATE banner SET down_at = $2, down_name = $3 WHERE id = $1 AND down_at IS NULL`, id,
			w.Now(), w.Actor().Name)
		if err != nil {
			return fmt.Errorf("take banner down: %w", err)
		}
		return w.Record(ctx, audit.Event{Kind: eventDown, Subject: Ref(id), Before: before.Typed})
	})
}

// change is an Update of the programme team, after which this node reads the messages anew.
func (o Office) change(ctx context.Context, by actor.Actor, fn func(w *db.W) error) error {
	defer o.Board.Forget()
	return o.DB.Update(ctx, by, func(w *db.W) error {
		if err := account.RequireEverywhere(ctx, w, account.ManageWaves); err != nil {
			return err
		}
		return fn(w)
	})
}
