package request

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"signpost/internal/dos/account"
	"signpost/internal/dos/directory"
	"signpost/internal/dos/linking"
	"signpost/internal/dos/review"
	"signpost/internal/national/ods"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/seen"
)

// Approval is what whoever asked is to be allowed. Where a former approval made the account, nothing is chosen: it
// keeps the groups that it has.
type Approval struct {
	Group account.Group // empty or SearchOnly: to search alone
	Scope account.Scope
	Seen  string // names what whoever approves looked at: Request.Seen
}

// shown is what an approval rests on: all that the asker said, what CIS2 said of them, and what speaks against it.
type shown struct {
	Typed    Typed
	Claims   Claims
	Identity Identity
	Answer   string
	Doubts   []review.Kind
	Own      bool
}

func (q Request) shown(d Doubts) shown {
	return shown{Typed: q.Typed, Claims: q.Claims, Identity: q.HasIdentity, Answer: q.Answer, Doubts: d.Kinds,
		Own: d.Own}
}

// Seen names a request as its page shows it, with the doubts about it. The asker can change it while somebody looks at
// it, and doubts can come.
func (q Request) Seen(d Doubts) (string, error) { return seen.Of(q.shown(d)) }

// The faults of decisions.
var (
	errUnconfirmed = fault.SayCure(fault.Conflict, "Nobody has confirmed the email address of this request yet.",
		"It can be approved once they have typed the code that was mailed to them.")
	errNoReason = fault.OfField("reason", "Enter why you reject the request, in 2,000 characters or fewer")
	errQuestion = fault.OfField("question", "Enter your question, in 2,000 characters or fewer")
	errChosen   = fault.SayCure(fault.Conflict,
		"The account was made by a former approval, with the groups that it has.",
		"Look at the request again. Its page names them.")
	errRegion = fault.OfField("region", "Choose one of the regions")
)

func errAddressTaken(username string) error {
	return fault.SayCure(fault.Conflict, "The account "+username+" has the email address of this request.",
		"Reject the request, and tell them to log in to that account.")
}

// Approve makes the account that was asked for, gives it the group and links it to the request's Care Identity, in one
// Update. Without a Care Identity the account waits for it: no password is made. The rights of whoever approves are
// looked at in the same Update, those to give the group too.
func (q *Requests) Approve(ctx context.Context, by actor.Actor, id string, approval Approval) (Request, error) {
	stands, err := q.stands(ctx, id)
	if err != nil {
		return Request{}, err
	}
	return db.Write(ctx, q.DB, by, func(w *db.W) (Request, error) {
		asked, err := deciding(ctx, w, id)
		if err != nil {
			return asked, err
		}
		if asked.State == Unconfirmed {
			return asked, refuse(ctx, w, id, errUnconfirmed)
		}
		doubts, err := DoubtsOf(ctx, w, q.Post, asked)
		if err != nil {
			return asked, err
		}
		if err := seen.Check(approval.Seen, asked.shown(doubts)); err != nil {
			return asked, refuse(ctx, w, id, err)
		}
		if asked.Claims.Given() && !stands {
			return asked, refuse(ctx, w, id, linking.ErrIdentityEnded)
		}
		if err := q.approve(ctx, w, &asked, approval, doubts); err != nil {
			return asked, err
		}
		grants, err := account.GrantsOf(ctx, w, asked.AccountID)
		if err != nil {
			return asked, err
		}
		approved := audit.Event{Kind: eventApproved, Subject: Ref(id), After: map[string]any{
			"account": asked.AccountID, "groups": grants.Memberships(), "flagged": asked.Flagged}}
		return asked, w.Record(ctx, approved)
	})
}

// stands asks, before the Update that approves, whether the request's Care Identity is still active.
func (q *Requests) stands(ctx context.Context, id string) (bool, error) {
	asked, err := db.Read(ctx, q.DB, func(r db.R) (Request, error) { return ByID(ctx, r, id) })
	if errors.Is(err, fault.NotFound) {
		return false, errNoRequest
	}
	if err != nil || !asked.Claims.Given() {
		return true, err
	}
	return q.Linker.Stands(ctx, id, asked.Claims.Subject)
}

const approveRequest = `UPDATE request SET state = 'set-up', decided_at = $2, decided_by = $3, account_id = $4,
	flagged = $5 WHERE id = $1`

// approve makes the account, unless a former approval did, and links it if there is a Care Identity, in spite of doubts
// that whoever approves saw.
func (q *Requests) approve(ctx context.Context, w *db.W, asked *Request, approval Approval, doubts Doubts) error {
	a, err := q.accountOf(ctx, w, *asked, approval)
	if err != nil {
		return err
	}
	asked.AccountID = a.ID
	if asked.Flagged, err = q.flag(ctx, w, *asked); err != nil {
		return err
	}
	err = w.Change(ctx, approveRequest, asked.ID, w.Now(), w.Actor().ID, a.ID, asked.Flagged)
	if err != nil {
		return fmt.Errorf("approve request: %w", err)
	}
	if err := endReview(ctx, w, asked.ID); err != nil {
		return err
	}
	if asked.Claims.Given() {
		asked.State = Approved
		if err := q.link(ctx, w, *asked, a, doubts.Kinds); err != nil {
			return err
		}
		return q.Post.Send(ctx, w, approvedMail(*asked, a, q.Home))
	}
	asked.State = SetUp
	link, err := q.newLink(ctx, w, asked.ID)
	if err != nil {
		return err
	}
	return q.Post.Send(ctx, w, setUpMail(*asked, a, link))
}

func endReview(ctx context.Context, w *db.W, id string) error {
	if _, err := w.Exec(ctx, `DELETE FROM request_review WHERE request_id = $1`, id); err != nil {
		return fmt.Errorf("end look at request: %w", err)
	}
	return nil
}

// Reject ends a request with a reason, which the asker is told.
func (q *Requests) Reject(ctx context.Context, by actor.Actor, id, reason string) error {
	reason = strings.TrimSpace(reason)
	if reason == "" || utf8.RuneCountInString(reason) > maxReason {
		return errNoReason
	}
	return q.DB.Update(ctx, by, func(w *db.W) error {
		asked, err := deciding(ctx, w, id)
		if err != nil {
			return err
		}
		return q.reject(ctx, w, asked, reason)
	})
}

// A request that nobody confirmed is deleted in its time all the same: what was typed may be about somebody else.
const rejectRequest = `UPDATE request SET state = 'rejected', decided_at = $2, decided_by = $3, decision = $4,
	ends_at = CASE WHEN state = 'unconfirmed' THEN ends_at END WHERE id = $1`

// reject ends a request. Whoever never confirmed their address is told nothing: it may be somebody else's.
func (q *Requests) reject(ctx context.Context, w *db.W, asked Request, reason string) error {
	if err := mayEndAccount(ctx, w, asked); err != nil {
		return err
	}
	if err := endAccount(ctx, w, asked, reason); err != nil {
		return err
	}
	if err := w.Change(ctx, rejectRequest, asked.ID, w.Now(), w.Actor().ID, reason); err != nil {
		return fmt.Errorf("reject request: %w", err)
	}
	if err := endReview(ctx, w, asked.ID); err != nil {
		return err
	}
	if asked.State != Unconfirmed {
		if err := q.Post.Send(ctx, w, rejectedMail(asked, reason, q.Home)); err != nil {
			return err
		}
	}
	return w.Record(ctx, audit.Event{Kind: eventRejected, Subject: Ref(asked.ID), Reason: reason})
}

const askAsker = `UPDATE request SET state = 'asked', question = $2, question_at = $3, answer = '' WHERE id = $1`

// AskBack asks the asker something. The request waits for their answer.
func (q *Requests) AskBack(ctx context.Context, by actor.Actor, id, question string) error {
	question = strings.TrimSpace(question)
	if question == "" || utf8.RuneCountInString(question) > maxReason {
		return errQuestion
	}
	return q.DB.Update(ctx, by, func(w *db.W) error {
		asked, err := deciding(ctx, w, id)
		if err != nil {
			return err
		}
		if asked.State == Unconfirmed {
			return refuse(ctx, w, id, errUnconfirmed)
		}
		since := asked.QuestionAt // of a question that was not answered, in place of which this one comes
		if asked.State != Asked {
			since = w.Now()
		}
		if err := w.Change(ctx, askAsker, id, question, since); err != nil {
			return fmt.Errorf("ask asker: %w", err)
		}
		if err := endReview(ctx, w, id); err != nil {
			return err
		}
		link, err := q.newLink(ctx, w, id)
		if err != nil {
			return err
		}
		if err := q.Post.Send(ctx, w, questionMail(asked, question, link)); err != nil {
			return err
		}
		return w.Record(ctx, audit.Event{Kind: eventAsked, Subject: Ref(id), After: question})
	})
}

// Move puts a request into another region, whose administrators then decide it. An empty region is none.
func (q *Requests) Move(ctx context.Context, by actor.Actor, id, region string) error {
	return q.DB.Update(ctx, by, func(w *db.W) error {
		asked, err := deciding(ctx, w, id)
		if err != nil {
			return err
		}
		if err := regionProblem(ctx, w, region); err != nil {
			return err
		}
		if err := w.Change(ctx, `UPDATE request SET region = $2 WHERE id = $1`, id, region); err != nil {
			return fmt.Errorf("move request: %w", err)
		}
		if err := endReview(ctx, w, id); err != nil {
			return err
		}
		return w.Record(ctx, audit.Event{Kind: eventMoved, Subject: Ref(id), Before: asked.Region, After: region})
	})
}

var errMade = fault.Say(fault.Conflict, "The account of this request was made already. Its own page changes it.")

// Place puts the right ODS code into a request that has a wrong one. Others may have to decide it then, so whoever
// looked at it looks at it anew.
func (q *Requests) Place(ctx context.Context, by actor.Actor, id, typed string) error {
	code, err := ods.Parse(typed)
	if err != nil {
		return errOrganisation
	}
	return q.DB.Update(ctx, by, func(w *db.W) error {
		asked, err := deciding(ctx, w, id)
		if err != nil {
			return err
		}
		if asked.AccountID != "" {
			return errMade
		}
		if err := w.Change(ctx, `UPDATE request SET organisation = $2 WHERE id = $1`, id, string(code)); err != nil {
			return fmt.Errorf("change the organisation of a request: %w", err)
		}
		if err := endReview(ctx, w, id); err != nil {
			return err
		}
		return w.Record(ctx, audit.Event{Kind: eventPlaced, Subject: Ref(id), Before: asked.Organisation,
			After: string(code)})
	})
}

// regionProblem refuses a region that there is not.
func regionProblem(ctx context.Context, r db.R, region string) error {
	regions, err := directory.Regions(ctx, r)
	if err != nil || region == "" {
		return err
	}
	for _, one := range regions {
		if one.ID == region {
			return nil
		}
	}
	return errRegion
}

// RejectOverdue ends the requests of which nobody confirmed the address in time and that the actor may decide, at most
// 200 at once, and says how many. Those at which somebody else looks are left to them.
func (q *Requests) RejectOverdue(ctx context.Context, by actor.Actor) (int, error) {
	return db.Write(ctx, q.DB, by, func(w *db.W) (n int, err error) {
		d, err := deciderOf(ctx, w)
		if err != nil {
			return 0, err
		}
		list, err := overdue(ctx, w, d.reach)
		if err != nil {
			return 0, err
		}
		reason := errNothingOverdue
		var left Found
		for _, asked := range list {
			if problem := d.overdueProblem(asked, w); problem != nil {
				left, reason = asked, problem
				continue
			}
			if err := q.reject(ctx, w, asked.Request, notConfirmed); err != nil {
				return n, err
			}
			n++
		}
		if n == 0 {
			return 0, refuseActor(ctx, w, left.ID, reason)
		}
		return n, nil
	})
}

const notConfirmed = "Nobody confirmed the email address within 28 days."

var errNothingOverdue = fault.Say(fault.Conflict, "Nothing is left to reject.")

// overdueProblem is problem for a request that is rejected with others.
func (d decider) overdueProblem(asked Found, w *db.W) error {
	if others(asked.Review, w) {
		return errReviewed(asked.Review)
	}
	return d.problem(asked.Request)
}

// overdue lists requests within a reach of which nobody confirmed the address in time, the oldest first.
func overdue(ctx context.Context, r db.R, reach account.Reach) ([]Found, error) {
	var args db.Arguments
	where := Filter{Reach: reach, Which: NotConfirmed}.where(&args)
	where += ` AND created_at <= ` + args.Add(r.Now().Add(-Overdue)) + ` ORDER BY created_at, id LIMIT 200`
	list, err := db.All(ctx, r, scanRequest, selectRequest+where, args.List()...)
	if err != nil {
		return nil, fmt.Errorf("list requests that nobody confirmed: %w", err)
	}
	return withReviews(ctx, r, list)
}
