// Package mailing sends one mail of an administrator to many people: those that a search of users finds, or some of
// them. It is prepared first, so that its writer sees to how many it goes, and sent in batches that can be stopped.
//
// Nobody gets more than one such mail a day, whoever writes it, but one that corrects what they had. The package does
// not know what a mail is about: texts that are each person's own come from an Author.
package mailing

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/account/among"
	"signpost/internal/dos/wave/guidance"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/email"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/mail"
)

// The kinds of events that this package records.
const (
	eventPrepared audit.Kind = "mailing.prepared"
	eventBegun    audit.Kind = "mailing.begun"
	eventSent     audit.Kind = "mailing.sent"
	eventStopped  audit.Kind = "mailing.stopped"
	eventReason   audit.Kind = "mailing.stop-reason"
	eventRefused  audit.Kind = "mailing.refused"
	eventTested   audit.Kind = "mailing.tested"
	eventLetters  audit.Kind = "mailing.letters-made"
	eventPosted   audit.Kind = "mailing.letters-posted"
	eventSwept    audit.Kind = "mailing.swept"
)

// State says how far a mailing has come.
type State string

// The states.
const (
	Prepared State = "prepared"
	Sending  State = "sending"
	Stopped  State = "stopped"
	Finished State = "finished"
)

// Limits.
const (
	// MaxRecipients is how many people one mailing is for at most.
	MaxRecipients = 20_000
	// MaxChosen is how many people can be chosen one by one.
	MaxChosen = 50
	// Often is how long after one such mail a person gets no other, unless it corrects that one.
	Often = 24 * time.Hour

	maxPrepared = 20 // by one writer in a day
	maxAtOnce   = 20 // how many people a mail may be for that begins at once

	preparedFor = time.Hour   // so that what is sent is what was looked at
	reflection  = time.Minute // in which a mail to more people can be stopped before anybody has it
)

// Selection says who gets a mail.
type Selection struct {
	Words  string        `json:",omitempty"`
	Kind   account.Kind  `json:",omitempty"`
	State  account.State `json:",omitempty"`
	Region string        `json:",omitempty"`

	Organisation string `json:",omitempty"` // ODS code
	Wave         string `json:",omitempty"` // id
	Progress     string `json:",omitempty"` // how far they are, in a word that the Office knows

	Chosen bool     `json:",omitempty"` // those of Only alone, of whom there is one at least
	Only   []string `json:",omitempty"` // ids of those that were chosen
	Teams  bool     `json:",omitempty"` // shared accounts too
	Sort   Sort     `json:",omitempty"` // of texts that are each person's own: those alone who get this one
	// Untold are those of a wave alone who were never told what a phase means for them.
	Untold *guidance.Missing `json:",omitempty"`
	// Corrects is the mail that this one corrects: those who had it are found.
	Corrects *Corrected `json:",omitempty"`
}

// Text is what is written.
type Text struct {
	Kind    Kind   `json:"kind"`
	Subject string `json:"subject"`
	Words   string `json:"words"`
	Contact string `json:"contact,omitempty"` // how its writer is reached, as it stands behind their name
}

// Mailing is one mail to many people.
type Mailing struct {
	ID        string
	State     State
	Selection Selection
	Text      Text
	WrittenBy string // id of the account of its writer
	Writer    string // their name
	Written   time.Time
	Total     int64  // how many accounts were found, or chosen of them, when it was prepared
	Reached   string // the last username that was looked at
	Sent      int64
	Skipped   int64            // had such a mail in the last day, or cannot have one
	LeftOut   map[Reason]int64 // those that were skipped, by the reason; of mails of before nobody knows it
	Begun     time.Time
	Starts    time.Time // of its first batch
	Ended     time.Time
	EndedBy   string // id of the account of whoever stopped it
	EndedName string
	// EndedReason is why somebody other than its writer stopped it.
	EndedReason string
	CorrectedBy string // id of the mail that corrects it
	Tests       int    // how often its writer had it as a test
}

// Office prepares, sends and stops mailings.
type Office struct {
	DB        *db.DB
	Post      *mail.Post
	Home      string // address of the site, for links in mails
	Author    Author // of texts that are each person's own
	Progress  Progress
	PerMinute int // how many go in a minute at most, of all mails to many together; 0 for as many as can
}

// Progress gives the condition that people are so far as a word says; false where there is no such word.
type Progress func(word string) (among.Condition, bool)

// StoppedFirst reports whether a mail was stopped before its first batch: nobody had it, and nobody was left out.
func (m Mailing) StoppedFirst() bool { return m.State == Stopped && m.Ended.Before(m.Starts) }

// Ref identifies a mailing in events.
func Ref(id string) audit.Ref { return audit.Ref{Kind: "mailing", ID: id} }

const selectMailing = `SELECT id, state, search, text, written_by, written_name, written_at, total, reached, sent,
	skipped, left_out, begun_at, starts_at, ended_at, ended_by, ended_name, ended_reason, corrected_by, tests
	FROM mailing`

func scanMailing(scan db.Scanner) (m Mailing, err error) {
	var selection, text, leftOut string
	err = scan(&m.ID, &m.State, &selection, &text, &m.WrittenBy, &m.Writer, db.At(&m.Written), &m.Total, &m.Reached,
		&m.Sent, &m.Skipped, &leftOut, db.At(&m.Begun), db.At(&m.Starts), db.At(&m.Ended), &m.EndedBy, &m.EndedName,
		&m.EndedReason, &m.CorrectedBy, &m.Tests)
	if err != nil {
		return m, err
	}
	if m.Starts.IsZero() {
		m.Starts = m.Begun // as mails did of which no start was kept
	}
	return m, errors.Join(json.Unmarshal([]byte(selection), &m.Selection), json.Unmarshal([]byte(text), &m.Text),
		json.Unmarshal([]byte(leftOut), &m.LeftOut))
}

// ByID reads a mailing, or fault.NotFound.
func ByID(ctx context.Context, r db.R, id string) (Mailing, error) {
	m, err := db.One(ctx, r, scanMailing, selectMailing+` WHERE id = $1`, id)
	if err != nil {
		return m, fmt.Errorf("read mailing: %w", err)
	}
	return m, nil
}

const maxListed = 50

// Of lists the newest mailings that somebody wrote.
func Of(ctx context.Context, r db.R, writer string) ([]Mailing, error) {
	list, err := db.All(ctx, r, scanMailing, selectMailing+` WHERE written_by = $1
		ORDER BY written_at DESC, id DESC LIMIT $2`, writer, maxListed)
	if err != nil {
		return nil, fmt.Errorf("list mailings: %w", err)
	}
	return list, nil
}

// Recipient is somebody who was mailed.
type Recipient struct {
	AccountID, Username string
	Sort                Sort // of their text, where it is each person's own
	Mailed              time.Time
}

// Recipients lists who was mailed and is within a reach, by username, after the first skip; and how many there are.
func Recipients(
	ctx context.Context, r db.R, id string, within account.Reach, skip, limit int,
) (list []Recipient, total int, err error) {
	var args db.Arguments
	from := ` FROM mailing_recipient m WHERE m.mailing_id = ` + args.Add(id) + ` AND ` +
		within.HasAccount(&args, "m.account_id")
	count, err := db.Value[int64](ctx, r, `SELECT COUNT(*)`+from, args.List()...)
	if err != nil {
		return nil, 0, fmt.Errorf("count who was mailed: %w", err)
	}
	list, err = db.All(ctx, r, func(scan db.Scanner) (one Recipient, err error) {
		err = scan(&one.AccountID, &one.Username, &one.Sort, db.At(&one.Mailed))
		return one, err
	}, `SELECT m.account_id, m.username, m.sort, m.mailed_at`+from+` ORDER BY m.username LIMIT `+args.Add(limit)+
		` OFFSET `+args.Add(skip), args.List()...)
	if err != nil {
		return nil, 0, fmt.Errorf("list who was mailed: %w", err)
	}
	return list, int(count), nil
}

func (s Selection) chosen() bool { return s.Chosen || len(s.Only) > 0 }

// ReadByTeam reports whether several people read what is mailed to an account.
func ReadByTeam(a account.Account) bool {
	address, err := email.Parse(a.Email)
	return a.Kind == account.Shared || err == nil && email.RoleMailbox(address)
}

// mayWrite checks that the actor is somebody who may write to people.
func mayWrite(ctx context.Context, w *db.W) error {
	if w.Actor().Kind != actor.Person {
		return errWriter
	}
	return account.Require(ctx, w, account.ManageUsers)
}

var errWriter = fault.SayCure(fault.Forbidden, "Only a DoS user administrator can write to people.",
	"Log in with an account that manages users.")

// mine reads a mailing of the actor's own.
func mine(ctx context.Context, w *db.W, id string) (Mailing, error) {
	if err := mayWrite(ctx, w); err != nil {
		return Mailing{}, err
	}
	m, err := ByID(ctx, w, id)
	if err == nil && m.WrittenBy != w.Actor().ID {
		err = w.Refuse(ctx, audit.Event{Kind: eventRefused, Subject: Ref(id)}, ErrNotYours)
	}
	return m, err
}

// ErrNotYours answers somebody who asks for a mail that another wrote.
var ErrNotYours = fault.SayCure(fault.Forbidden, "Somebody else wrote this mail.", "Ask them about it.")
