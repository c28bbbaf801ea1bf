// Package request takes requests for accounts of the Directory of Services: from somebody's form over their confirmed
// email address and their Care Identity to the administrator who decides, by whom account and link are made together.
//
// It makes no password. It does not show pages, and it does not sign anybody in.
package request

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"signpost/internal/dos/linking"
	"signpost/internal/dos/request/invitation"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/mail"
)

// State says how far a request has come.
type State string

// The states. A request that is open waits for an administrator, one that is asked for its asker. Those after Rejected
// have ended without anybody's decision.
const (
	Unconfirmed State = "unconfirmed" // nobody has typed the code that was mailed
	Open        State = "open"
	Asked       State = "asked"
	SetUp       State = "set-up" // approved; the account waits for the Care Identity
	Approved    State = "approved"
	Rejected    State = "rejected"
	Withdrawn   State = "withdrawn" // by the asker
	Replaced    State = "replaced"  // another request of the same address was confirmed
	Needless    State = "needless"  // the address has an account
)

// Undecided reports whether somebody may still decide the request.
func (s State) Undecided() bool { return s == Unconfirmed || s == Open || s == Asked }

// Identity says whether somebody without a Care Identity on their request has one.
type Identity string

// What somebody says.
const (
	NoIdentity    Identity = "none"
	Inactive      Identity = "inactive"
	NotWithMe     Identity = "later" // they have one, and log in with it another time
	NothingStated Identity = ""
)

// Typed is what somebody filled in.
type Typed struct {
	FirstName    string `json:"first_name"`
	LastName     string `json:"last_name"`
	Email        string `json:"email"`
	Phone        string `json:"phone,omitempty"`
	Organisation string `json:"organisation"` // ODS code of the home organisation
	Profession   string `json:"profession"`   // a key of Professions
	Region       string `json:"region"`       // id of the region; empty if they do not know it
	Reason       string `json:"reason"`
}

// Name gives the name that was filled in.
func (t Typed) Name() string { return strings.TrimSpace(t.FirstName + " " + t.LastName) }

// Request is one request, as it is now.
type Request struct {
	Typed

	ID          string
	State       State
	EmailKey    string
	AskedBy     string // id of the account that was logged in where it was filled in; empty if none was
	InvitedBy   string // id of the account of whoever invited the asker; empty if nobody did
	Created     time.Time
	Confirmed   time.Time // when the code was typed that was mailed; zero if it was not
	Claims      Claims    // of the Care Identity; of no subject if there is none yet
	Proved      time.Time // when the Care Identity was put on the request
	HasIdentity Identity  // what the asker says who has shown none

	Question   string
	QuestionAt time.Time // zero if nothing waits for an answer
	Answer     string
	AskerTook  time.Duration // to answer, all questions together

	Decided   time.Time
	DecidedBy string // account id
	Decision  string // the reason, where it was rejected
	Flagged   bool   // the asker decided about whoever decided, within a day
	AccountID string // of the account that was made; empty before
	Linked    time.Time
	Entered   time.Time // when somebody first came in by the account
}

// Ref identifies a request in events.
func Ref(id string) audit.Ref { return audit.Ref{Kind: "request", ID: id} }

// The kinds of events that this package records.
const (
	eventBegun        audit.Kind = "request.begun"
	eventCodeAsked    audit.Kind = "request.code-asked"
	eventCodeTooOften audit.Kind = "request.code-asked-too-often"
	eventCodeWrong    audit.Kind = "request.code-wrong"
	eventConfirmed    audit.Kind = "request.confirmed"
	eventIdentity     audit.Kind = "request.identity"
	eventRefused      audit.Kind = "request.refused"
	eventStated       audit.Kind = "request.stated"
	eventAnswered     audit.Kind = "request.answered"
	eventWithdrawn    audit.Kind = "request.withdrawn"
	eventLooked       audit.Kind = "request.looked-at"
	eventApproved     audit.Kind = "request.approved"
	eventRejected     audit.Kind = "request.rejected"
	eventAsked        audit.Kind = "request.asked-back"
	eventMoved        audit.Kind = "request.moved"
	eventPlaced       audit.Kind = "request.placed"
	eventFlagged      audit.Kind = "request.flagged"
	eventSwept        audit.Kind = "request.swept"
	eventEntered      audit.Kind = "request.entered"
)

// Requests takes and decides requests.
type Requests struct {
	DB     *db.DB
	Post   *mail.Post
	Linker *linking.Linker
	Home   string // address of the site, for links in mails
}

// Invitations sends invitations to ask for accounts, and finds those that are followed.
func (q *Requests) Invitations() *invitation.Invitations {
	return &invitation.Invitations{DB: q.DB, Post: q.Post, Home: q.Home}
}

const columns = `id, state, first_name, last_name, email, email_key, phone, organisation, profession, region, reason,
	asked_by, invited_by, created_at, confirmed_at, claims, identity_at, has_identity, question, question_at, answer,
	asker_ms, decided_at, decided_by, decision, flagged, account_id, linked_at, entered_at`

const selectRequest = `SELECT ` + columns + ` FROM request`

func scanRequest(scan db.Scanner) (q Request, err error) {
	var claims string
	var took int64
	err = scan(&q.ID, &q.State, &q.FirstName, &q.LastName, &q.Email, &q.EmailKey, &q.Phone, &q.Organisation,
		&q.Profession, &q.Region, &q.Reason, &q.AskedBy, &q.InvitedBy, db.At(&q.Created), db.At(&q.Confirmed), &claims,
		db.At(&q.Proved), &q.HasIdentity, &q.Question, db.At(&q.QuestionAt), &q.Answer, &took, db.At(&q.Decided),
		&q.DecidedBy, &q.Decision, &q.Flagged, &q.AccountID, db.At(&q.Linked), db.At(&q.Entered))
	q.AskerTook = time.Duration(took) * time.Millisecond
	if err == nil && claims != "" {
		err = json.Unmarshal([]byte(claims), &q.Claims)
	}
	return q, err
}

// ByIDs reads requests, by their ids. Those that are not there any more are left out.
func ByIDs(ctx context.Context, r db.R, ids []string) (map[string]Request, error) {
	found := map[string]Request{}
	if len(ids) == 0 {
		return found, nil
	}
	var args db.Arguments
	list, err := db.All(ctx, r, scanRequest, selectRequest+` WHERE id IN (`+db.AddEach(&args, ids)+`)`, args.List()...)
	if err != nil {
		return nil, fmt.Errorf("read requests: %w", err)
	}
	for _, one := range list {
		found[one.ID] = one
	}
	return found, nil
}

// ByID reads one request, or fault.NotFound.
func ByID(ctx context.Context, r db.R, id string) (Request, error) {
	q, err := db.One(ctx, r, scanRequest, selectRequest+` WHERE id = $1`, id)
	if err != nil {
		return q, fmt.Errorf("read request: %w", err)
	}
	return q, nil
}

// NewestOf reads the newest request of each of several addresses in canonical form that was confirmed by its code, by
// the address.
func NewestOf(ctx context.Context, r db.R, keys []string) (map[string]Request, error) {
	var args db.Arguments
	list, err := db.All(ctx, r, scanRequest, selectRequest+` WHERE confirmed_at IS NOT NULL AND email_key IN (`+
		db.AddEach(&args, keys)+`) ORDER BY created_at`, args.List()...)
	if err != nil {
		return nil, fmt.Errorf("find requests by address: %w", err)
	}
	newest := map[string]Request{}
	for _, q := range list {
		newest[q.EmailKey] = q
	}
	return newest, nil
}
