package merge_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/merge"
	"signpost/internal/dos/review"
	"signpost/internal/dos/wave"
	"signpost/internal/national/extract"
	"signpost/internal/national/path"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// asker answers what the care identity side says of every Care Identity.
type asker struct{ answer extract.Answer }

func (a *asker) Ask(_ context.Context, q extract.Question) (extract.Answer, error) {
	a.answer.Ref = q.Ref
	if a.answer.Found == "" {
		return a.answer, errors.New("nobody answers")
	}
	return a.answer, nil
}

func active(since time.Time) extract.Answer {
	return extract.Answer{Found: extract.One, State: extract.Active, ActiveAgain: since.UnixMilli()}
}

// facts are what is known of an account and a Care Identity.
func facts(a account.Account, subject string) review.Facts {
	return review.Facts{Account: review.FactsOf(a), CareIdentity: review.IdentityFacts{Issuer: issuer, Subject: subject,
		Name: "Ann Example", Email: subject + "@care.nhs.uk"}}
}

// held opens a case that holds a pair.
func (w *world) held(a account.Account, subject string) (id string) {
	w.Helper()
	w.Update(func(ctx context.Context, u *db.W) error {
		found, err := review.Hold(ctx, u, a.ID, []review.Kind{review.LookAlike}, facts(a, subject))
		id = found.Case.ID
		return err
	})
	return id
}

// noted opens a case about a link that a pair has, or had.
func (w *world) noted(a account.Account, subject string) (id string) {
	w.Helper()
	w.Update(func(ctx context.Context, u *db.W) error {
		if err := review.Note(ctx, u, a.ID, review.NamesDiffer, facts(a, subject)); err != nil {
			return err
		}
		list, _, err := review.Waiting(ctx, u, account.Reach{Everywhere: true}, 0, 10)
		id = list[0].ID
		return err
	})
	return id
}

func (w *world) decide(id string, approve bool) {
	w.Helper()
	w.Must(w.DB.Update(w.Context(), by(w.admin), func(u *db.W) error {
		c, err := review.ByID(w.Context(), u, id)
		w.Must(err)
		seen, err := c.Seen()
		w.Must(err)
		_, err = review.Decide(w.Context(), u, id, review.Decision{Approve: approve, Reason: "I know her", Seen: seen})
		return err
	}))
}

// again has the link of an account wait, as its Care Identity was suspended since, and gives the case.
func (w *world) again(a account.Account) (id string) {
	w.Helper()
	w.Update(func(ctx context.Context, u *db.W) error {
		if _, err := review.Again(ctx, u, a.ID, facts(a, "900")); err != nil {
			return err
		}
		list, _, err := review.Waiting(ctx, u, account.Reach{Everywhere: true}, 0, 10)
		id = list[0].ID
		return err
	})
	return id
}

// theLink reads the link of an account, and whether it was approved since a time.
func (w *world) theLink(a account.Account, since time.Time) (l account.Link, approved bool) {
	w.Helper()
	w.View(func(ctx context.Context, r db.R) (err error) {
		if l, err = account.LinkOf(ctx, r, a.ID); err != nil {
			return err
		}
		approved, err = review.ApprovedAgain(ctx, r, l, since)
		return err
	})
	return l, approved
}

// A link that moves keeps its age, there and back: a suspension of before stays one (attack L27), and its 30 days do
// not begin again (rule R11).
func TestLinkKeepsItsAge(t *testing.T) {
	w := newWorld(t)
	w.link(w.young, "900")
	linked, _ := w.theLink(w.young, time.Time{})
	w.Clock.Advance(40 * 24 * time.Hour)
	w.prove(w.young)
	since := w.Clock.Now()
	w.Clock.Advance(time.Hour)
	id := w.ready(w.young, w.old)
	w.Must(w.office.Do(t.Context(), by(w.ofNorth), id, w.seen(id)))
	check := func(a account.Account) {
		t.Helper()
		now, approved := w.theLink(a, since)
		if !now.Linked.Equal(linked.Linked) || !now.Linked.Before(since) || approved {
			t.Errorf("%s: linked %s, was %s; approved %v", a.Username, now.Linked, linked.Linked, approved)
		}
		if !now.Moved.Equal(w.Clock.Now()) || !now.Since().Equal(w.Clock.Now()) {
			t.Errorf("%s: moved %s", a.Username, now.Moved)
		}
		err := w.DB.Update(t.Context(), by(w.admin), func(u *db.W) error {
			return account.RemoveLink(t.Context(), u, a.ID, "old")
		})
		if !errors.Is(err, fault.Conflict) {
			t.Errorf("%s: a link of 40 days was undone: %v", a.Username, err)
		}
	}
	check(w.old)
	w.Clock.Advance(time.Hour)
	w.Must(w.office.Undo(t.Context(), by(w.ofNorth), id, w.seen(id), "two people"))
	check(w.young)
}

func (w *world) prove(a account.Account) {
	w.Helper()
	w.Update(func(ctx context.Context, u *db.W) error {
		_, err := u.Exec(ctx, `UPDATE account SET email_proved_at = $1`, u.Now())
		return errors.Join(err, u.Record(ctx, administrationEvent(a)))
	})
}

// What was approved of a link since its Care Identity was suspended goes with it.
func TestApprovalGoesWithTheLink(t *testing.T) {
	w := newWorld(t)
	w.link(w.young, "900")
	w.Clock.Advance(time.Hour)
	since := w.Clock.Now()
	w.decide(w.again(w.young), true)
	w.links.Asker = &asker{active(since)}
	id := w.ready(w.young, w.old)
	w.Must(w.office.Do(t.Context(), by(w.ofNorth), id, w.seen(id)))
	if _, approved := w.theLink(w.old, since); !approved {
		t.Error("the approval stayed behind")
	}
	w.Must(w.office.Undo(t.Context(), by(w.ofNorth), id, w.seen(id), "two people"))
	if _, approved := w.theLink(w.young, since); !approved {
		t.Error("the approval did not come back")
	}
	if _, approved := w.theLink(w.young, w.Clock.Now().Add(time.Millisecond)); approved {
		t.Error("what was approved before the next suspension is taken for an approval since")
	}
}

// A refusal of a link does not go with it: it is about the account that it names. Whoever merged by mistake can undo
// that.
func TestRefusalStaysWithItsAccount(t *testing.T) {
	w := newWorld(t)
	w.link(w.young, "900")
	id := w.ready(w.young, w.old)
	w.Must(w.office.Do(t.Context(), by(w.ofNorth), id, w.seen(id)))
	w.decide(w.noted(w.old, "900"), false)
	w.Must(w.office.Undo(t.Context(), by(w.ofNorth), id, w.seen(id), "two people"))
	stopped := func(a account.Account) (n int) {
		w.View(func(ctx context.Context, r db.R) error {
			list, err := review.Stopping(ctx, r, a.ID)
			n = len(list)
			return err
		})
		return n
	}
	if stopped(w.old) != 1 || stopped(w.young) != 0 {
		t.Errorf("the refusal stops %d links of its account, %d of the other", stopped(w.old), stopped(w.young))
	}
}

// stops are what stops a link at the door, or from being made by a ceremony: it stops the move of a link too. Each is
// tried on a merge that could be done, or undone, a moment before.
var stops = []struct {
	name, reason string
	undo         bool
	stop         func(w *world)
}{
	{"a reviewer refused the two", "The link cannot be moved: a reviewer", false, func(w *world) {
		w.decide(w.held(w.old, "900"), false)
	}},
	{"a reviewer refused a link that the two had", "The link cannot be moved: a reviewer has", false,
		func(w *world) { w.decide(w.noted(w.old, "900"), false) }},
	{"a reviewer refused the link that would move", "The link cannot be moved: a reviewer decided", false,
		func(w *world) { w.decide(w.noted(w.young, "900"), false) }},
	{"a reviewer refused a link that an undo would bring back", "The link cannot be moved: a reviewer has", true,
		func(w *world) { w.decide(w.noted(w.young, "900"), false) }},
	{"a reviewer has to decide about the two", "A link of one of the two accounts waits", false, func(w *world) {
		w.held(w.old, "900")
	}},
	{"a reviewer refused the two that an undo would link", "The link cannot be moved: a reviewer", true,
		func(w *world) { w.decide(w.held(w.young, "900"), false) }},
	{"the link waits, as its Care Identity was suspended", "A link of one of the two accounts waits", false,
		func(w *world) { w.again(w.young) }},
	{"the moved link waits, as its Care Identity was suspended", "A link of one of the two accounts waits", true,
		func(w *world) { w.again(w.old) }},
	{"the address of the survivor was changed", "The email address or the link", false,
		func(w *world) { w.since(w.old) }},
	{"the address of the other was changed", "The email address or the link", false,
		func(w *world) { w.since(w.young) }},
	{"the link was undone and made anew", "The email address or the link", false,
		func(w *world) { w.anew(w.young) }},
	{"the link that moved was undone and made anew", "The link that was moved is not there", true,
		func(w *world) { w.anew(w.old) }},
	{"linking has not opened", "The link cannot be moved: linking has not", false, func(w *world) {
		w.phase(w.old, path.Prepare)
	}},
	{"a team's mailbox", "The link cannot be moved: the email address", false, func(w *world) {
		w.address(w.old, "reception@example.nhs.uk")
	}},
	{"a team's mailbox at the account that an undo opens", "The link cannot be moved: the email address", true,
		func(w *world) { w.address(w.young, "reception@example.nhs.uk") }},
	{"a suspended Care Identity", "The Care Identity whose link would move is not", false, func(w *world) {
		w.links.Asker = &asker{extract.Answer{Found: extract.One, State: extract.NotActive}}
	}},
	{"a suspended Care Identity at the undo", "The Care Identity whose link would move is not", true, func(w *world) {
		w.links.Asker = &asker{extract.Answer{Found: extract.One, State: extract.NotActive}}
	}},
	{"a Care Identity that is active again", "The Care Identity whose link would move was", false, func(w *world) {
		w.links.Asker = &asker{active(w.Clock.Now())}
	}},
	{"a Care Identity that is active again at the undo", "The Care Identity whose link would move was", true,
		func(w *world) { w.links.Asker = &asker{active(w.Clock.Now())} }},
	{"nobody says whether it stands", "We cannot find out at the moment", false,
		func(w *world) { w.links.Asker = &asker{} }},
	{"nobody says at the undo whether it stands", "We cannot find out at the moment", true,
		func(w *world) { w.links.Asker = &asker{} }},
	{"an undo that lets somebody in who may do more than the administrator", "You cannot give or take this group", true,
		func(w *world) {
			w.Update(func(ctx context.Context, u *db.W) error {
				return account.AddGroup(ctx, u, w.young.ID, account.DoSLead, account.Everywhere)
			})
		}},
}

func (w *world) phase(a account.Account, p path.Phase) {
	w.Helper()
	w.Update(func(ctx context.Context, u *db.W) error {
		return wave.Join(ctx, u, a.ID, w.Waves[p])
	})
}

func (w *world) address(a account.Account, to string) {
	w.Helper()
	w.Update(func(ctx context.Context, u *db.W) error {
		_, err := u.Exec(ctx, `UPDATE account SET email = $2, email_key = $2 WHERE id = $1`, a.ID, to)
		return errors.Join(err, u.Record(ctx, administrationEvent(a)))
	})
}

func TestWhatStopsALinkStopsItsMove(t *testing.T) {
	t.Parallel()
	for _, one := range stops {
		t.Run(one.name, func(t *testing.T) {
			t.Parallel()
			for _, stopped := range []bool{false, true} {
				w := newWorld(t)
				w.links.Asker = &asker{active(w.Clock.Now().Add(-24 * time.Hour))}
				w.link(w.young, "900")
				id := w.ready(w.young, w.old)
				act := func() error { return w.office.Do(t.Context(), by(w.ofNorth), id, w.seen(id)) }
				if one.undo {
					w.Must(act())
					act = func() error { return w.undo(w.secondOfNorth, id, "two people") }
				}
				w.Clock.Advance(time.Hour)
				if !stopped {
					w.Must(act())
					continue
				}
				one.stop(w)
				links := w.linkedTo(w.old) + "," + w.linkedTo(w.young)
				err := act()
				f, known := fault.From(err)
				if !known || !strings.HasPrefix(f.Message, one.reason) {
					t.Errorf("not refused as %q: %v", one.reason, err)
				}
				if now := w.linkedTo(w.old) + "," + w.linkedTo(w.young); now != links {
					t.Errorf("links %q, were %q", now, links)
				}
			}
		})
	}
	t.Logf("moves of a link that must not be: tried %d, accepted 0", len(stops))
}

// A group that was taken from the closed account since does not come to the other, and one that is chosen twice comes
// once.
func TestGroupsAreThoseOfNow(t *testing.T) {
	w := newWorld(t)
	chosen := account.Membership{Group: account.ProviderUser, Scope: account.InRegion(w.north)}
	w.Update(func(ctx context.Context, u *db.W) error {
		return account.AddGroup(ctx, u, w.young.ID, chosen.Group, chosen.Scope)
	})
	id := w.ready(w.young, w.old, chosen, chosen)
	w.Must(w.office.Do(t.Context(), by(w.admin), id, w.seen(id)))
	if !w.grants(w.old).Has(chosen.Group, chosen.Scope) || len(w.merge(id).Moved.Memberships) != 1 {
		t.Errorf("moved %+v", w.merge(id).Moved.Memberships)
	}
	w.Must(w.office.Undo(t.Context(), by(w.admin), id, w.seen(id), "two people"))
	id = w.ready(w.young, w.old, chosen)
	w.Update(func(ctx context.Context, u *db.W) error {
		has, err := w.grants(w.young).Membership(chosen.Group, chosen.Scope)
		return errors.Join(err, account.RemoveGroup(ctx, u, w.young.ID, has))
	})
	w.Must(w.office.Do(t.Context(), by(w.admin), id, w.seen(id)))
	if w.grants(w.old).Has(chosen.Group, chosen.Scope) {
		t.Error("a group came that the closed account did not have any more")
	}
}

// A person is not mailed about merges without end.
func TestProposalsOfADay(t *testing.T) {
	w := newWorld(t)
	refused := 0
	for range 10 {
		id, err := w.propose(w.ofNorth, w.old, w.young)
		if errors.Is(err, fault.TooMany) {
			refused++
			continue
		}
		w.Must(err)
		w.Must(w.office.Withdraw(t.Context(), by(w.ofNorth), id))
	}
	if n := w.Mailed("merge.proposed", w.old.Email); n != 3 || refused != 7 {
		t.Errorf("%d mails, %d refused", n, refused)
	}
	w.Clock.Advance(24 * time.Hour)
	_, err := w.propose(w.ofNorth, w.old, w.young)
	w.Must(err)
}

// The list has the merges that wait or can be undone of both regions' accounts, whatever there is elsewhere.
func TestCurrentMerges(t *testing.T) {
	w := newWorld(t)
	list := func(within account.Reach) (states []merge.State) {
		t.Helper()
		w.View(func(ctx context.Context, r db.R) error {
			found, total, err := merge.Current(ctx, r, within, 0, 10)
			for _, m := range found {
				states = append(states, m.State)
			}
			if total != len(found) {
				t.Errorf("%d of %d", len(found), total)
			}
			return err
		})
		return states
	}
	north := account.Reach{Regions: []string{w.north}}
	id, err := w.propose(w.ofNorth, w.old, w.young)
	w.Must(err)
	check := func(want ...merge.State) {
		t.Helper()
		if got := list(north); !slices.Equal(got, want) {
			t.Errorf("%v, want %v", got, want)
		}
	}
	check(merge.Proposed)
	if got := list(account.Reach{Organisations: []string{"RX1"}}); got != nil {
		t.Errorf("%v for another organisation", got)
	}
	w.confirm(w.young, w.old)
	check(merge.Confirmed)
	w.Must(w.office.Do(t.Context(), by(w.ofNorth), id, w.seen(id)))
	check(merge.Done)
	w.Clock.Advance(merge.UndoFor)
	check()
}
