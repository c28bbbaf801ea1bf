package mailing

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"signpost/internal/dos/account"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/mail"
	"signpost/internal/platform/name"
)

// Share says how many of those for whom a mail is meant somebody looks after.
type Share string

// The shares. Whoever looks after some sees the mail; whoever looks after all can stop it, as its writer can.
const (
	None Share = "none"
	Some Share = "some"
	All  Share = "all"
)

// ShareOf says how many of those for whom a mail is meant are within a reach. Whoever looks after everybody has all of
// them, also of a mail whose writer looks after nobody any more.
func (m Mailing) ShareOf(ctx context.Context, r db.R, reach account.Reach) (Share, error) {
	if reach.Everywhere {
		return All, nil
	}
	writers, err := account.ReachNow(ctx, r, m.WrittenBy, account.ManageUsers)
	if errors.Is(err, fault.Forbidden) {
		return None, nil
	}
	if err != nil {
		return None, err
	}
	if m.Selection.chosen() {
		list, err := m.Selection.among(ctx, r, writers)
		return shareAmong(list, reach), err
	}
	some, all, err := m.Selection.widest(writers).Shared(ctx, r, reach)
	switch {
	case err != nil:
		return None, fmt.Errorf("compare who a mail is for: %w", err)
	case all:
		return All, nil
	case some:
		return Some, nil
	}
	return None, nil
}

func shareAmong(list []account.Account, reach account.Reach) Share {
	covered := 0
	for _, a := range list {
		if reach.Covers(a) {
			covered++
		}
	}
	switch covered {
	case 0:
		return None
	case len(list):
		return All
	}
	return Some
}

// Others lists the mails of other writers that were begun in the last day and are meant for people within a reach, the
// newest first.
func Others(ctx context.Context, r db.R, reader string, reach account.Reach) (list []Mailing, err error) {
	all, err := db.All(ctx, r, scanMailing, selectMailing+` WHERE begun_at > $1 AND written_by <> $2
		ORDER BY begun_at DESC, id DESC LIMIT $3`, r.Now().Add(-Often), reader, maxOthers)
	if err != nil {
		return nil, fmt.Errorf("list mailings of others: %w", err)
	}
	for _, m := range all {
		share, err := m.ShareOf(ctx, r, reach)
		if err != nil {
			return nil, err
		}
		if share != None {
			list = append(list, m)
		}
	}
	return list, nil
}

// maxOthers is how many mails of others are looked through.
const maxOthers = 100

// Going reports whether a mail of another writer is being sent to somebody within a reach.
func Going(ctx context.Context, r db.R, reader string, reach account.Reach) (bool, error) {
	going, err := db.All(ctx, r, scanMailing, selectMailing+` WHERE state = 'sending' AND begun_at > 0
		AND written_by <> $1 ORDER BY begun_at DESC, id DESC LIMIT $2`, reader, maxOthers)
	if err != nil {
		return false, fmt.Errorf("list mailings that are being sent: %w", err)
	}
	for _, m := range going {
		if share, err := m.ShareOf(ctx, r, reach); err != nil || share != None {
			return err == nil, err
		}
	}
	return false, nil
}

const stopMailing = `UPDATE mailing SET state = $2, ended_at = $3, ended_by = $4, ended_name = $5 WHERE id = $1
	AND state IN ('sending', 'prepared')`

// ErrSome answers somebody who looks after some of those for whom a mail is meant, and wants to do something about it
// for all.
var ErrSome = fault.SayCure(fault.Forbidden, "This mail is for people whom you do not look after, too.",
	"Ask its writer, or somebody who looks after all users.")

// Stop ends a mailing: its writer does, or somebody who looks after all for whom it is meant. What was queued already
// arrives.
func (o Office) Stop(ctx context.Context, by actor.Actor, id string) error {
	return o.DB.Update(ctx, by, func(w *db.W) error {
		m, err := lookedAfter(ctx, w, id)
		if err != nil {
			return err
		}
		if problem := m.mayStop(by); problem != nil {
			return problem
		}
		if err := w.Change(ctx, stopMailing, id, string(Stopped), w.Now(), by.ID, by.Name); err != nil {
			return fmt.Errorf("stop mailing: %w", err)
		}
		err = w.Record(ctx, audit.Event{Kind: eventStopped, Subject: Ref(id), After: m.summary()})
		if err != nil || m.WrittenBy == by.ID {
			return err
		}
		return o.tellWriter(ctx, w, m, "mailing.stopped", "stopped your mail \""+m.Text.Subject+"\". "+hadIt(m.Sent)+
			" Nobody else gets it.")
	})
}

const maxReason = 1000

var (
	errReason = fault.OfField("reason",
		fmt.Sprintf("Enter why you stopped it, in %d characters or fewer. Its writer is told", maxReason))
	errNoReason = fault.Say(fault.Conflict,
		"Why a mail was stopped is said once, by whoever stopped a mail of another.")
)

const explainStop = `UPDATE mailing SET ended_reason = $2 WHERE id = $1 AND state = 'stopped' AND ended_by = $3
	AND written_by <> $3 AND ended_reason = ''`

// Explain keeps why somebody stopped a mail of another writer, who is told.
func (o Office) Explain(ctx context.Context, by actor.Actor, id, reason string) error {
	reason = strings.TrimSpace(reason)
	if reason == "" || utf8.RuneCountInString(reason) > maxReason {
		return errReason
	}
	if problem := name.CheckText("reason", reason); problem != nil {
		return problem
	}
	return o.DB.Update(ctx, by, func(w *db.W) error {
		if err := mayWrite(ctx, w); err != nil {
			return err
		}
		m, err := ByID(ctx, w, id)
		if err != nil {
			return err
		}
		if !m.Unexplained(by) {
			return errNoReason
		}
		if err := w.Change(ctx, explainStop, id, reason, by.ID); err != nil {
			return fmt.Errorf("keep why a mailing was stopped: %w", err)
		}
		if err := w.Record(ctx, audit.Event{Kind: eventReason, Subject: Ref(id), Reason: reason}); err != nil {
			return err
		}
		return o.tellWriter(ctx, w, m, "mailing.stop-reason", "stopped your mail \""+m.Text.Subject+
			"\", and wrote why:\n\n"+mail.Quote(reason))
	})
}

// Unexplained reports whether somebody stopped the mail of another writer, and has not said why.
func (m Mailing) Unexplained(by actor.Actor) bool {
	return m.State == Stopped && m.EndedBy == by.ID && m.WrittenBy != by.ID && m.EndedReason == ""
}

// lookedAfter reads a mailing that the actor wrote, or that is for people all of whom they look after.
func lookedAfter(ctx context.Context, w *db.W, id string) (Mailing, error) {
	if err := mayWrite(ctx, w); err != nil {
		return Mailing{}, err
	}
	m, err := ByID(ctx, w, id)
	if err != nil || m.WrittenBy == w.Actor().ID {
		return m, err
	}
	reach, err := account.ReachOf(ctx, w, account.ManageUsers)
	if err != nil {
		return m, err
	}
	share, err := m.ShareOf(ctx, w, reach)
	if err != nil || share == All {
		return m, err
	}
	refusal := ErrNotYours
	if share == Some {
		refusal = ErrSome
	}
	return m, w.Refuse(ctx, audit.Event{Kind: eventRefused, Subject: Ref(id)}, refusal)
}

// tellWriter tells the writer of a mail what somebody else did with it.
func (o Office) tellWriter(ctx context.Context, w *db.W, m Mailing, kind, did string) error {
	writer, err := account.ByID(ctx, w, m.WrittenBy)
	if err != nil || writer.Email == "" {
		return err
	}
	reached, err := contact(ctx, w)
	if err != nil {
		return err
	}
	return o.Post.Send(ctx, w, mail.Message{
		Kind:    kind,
		To:      writer.Email,
		Subject: "Your mail to users was stopped",
		Text: "Dear " + writer.Name() + ",\n\n" + w.Actor().Name + reached + " " + did +
			"\n\nTalk to them before you write again. What was sent:\n\n" + o.Home + "/mailings/" + m.ID + "\n",
	})
}

// hadIt says how many had a mail when it was stopped.
func hadIt(sent int64) string {
	switch sent {
	case 0:
		return "Nobody had it yet."
	case 1:
		return "One user has it already."
	}
	return fmt.Sprintf("%d users have it already.", sent)
}
