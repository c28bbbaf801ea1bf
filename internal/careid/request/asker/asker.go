// Package asker takes what somebody without a login asks of a registration authority: it keeps their answers while they
// give them, proves their address by a mailed code, makes the request, and gives them a link by which they follow it.
//
// Nothing that they type is looked up among people, so that no answer tells whether somebody is known. It does not know
// who decides.
package asker

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"

	"signpost/internal/careid/hosting"
	"signpost/internal/careid/organisation"
	"signpost/internal/careid/request"
	"signpost/internal/national/path"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/mail"
	"signpost/internal/platform/mailcode"
	"signpost/internal/platform/session"
)

// The kinds of events that this package records.
const (
	eventCodeAsked    audit.Kind = "ra-ask.code-asked"
	eventCodeTooOften audit.Kind = "ra-ask.code-asked-too-often"
	eventCodeWrong    audit.Kind = "ra-ask.code-wrong"
	eventProved       audit.Kind = "ra-ask.proved"
	eventRepeated     audit.Kind = "ra-ask.repeated"
	eventTooMany      audit.Kind = "ra-ask.too-many"
	eventTold         audit.Kind = "ra-ask.told"
)

// Desk takes what is asked.
type Desk struct {
	DB      *db.DB
	Post    *mail.Post
	Address string // of the site, for links in mails
}

// Need is one of the things that can be asked for.
type Need struct {
	Kind  request.Kind
	Title string // as whoever asks says it
	Hint  string
	what  request.What
}

// Needs are what can be asked for without a login, in the order of the page.
var Needs = []Need{
	{Kind: path.RAIdentity, Title: "A Care Identity", Hint: "You never had one",
		what: request.Ask(request.NewIdentity)},
	{Kind: path.RAReactivation, Title: "To make my Care Identity usable again",
		Hint: "It is not active, or you lost everything that you log in with", what: request.Ask(request.Reactivate)},
	{Kind: path.RAAuthenticator, Title: "An authenticator",
		Hint: "Such as a security key, a passkey or a smartcard", what: request.Binding{}},
	{Kind: path.RAPosition, Title: "The position for the Directory of Services",
		Hint: "Your Care Identity works, but it does not open the Directory of Services",
		what: request.Grant{Template: "directory"}},
	{Kind: path.RAElse, Title: "Something else", what: request.Ask(request.SomethingElse)},
}

// NeedOf finds what can be asked for of a kind.
func NeedOf(k request.Kind) (Need, bool) {
	i := slices.IndexFunc(Needs, func(n Need) bool { return n.Kind == k })
	if i < 0 {
		return Need{}, false
	}
	return Needs[i], true
}

// Sitting is the work of somebody on what they ask, in one browser.
type Sitting struct {
	Answers

	MailedEmail string    // the address to which a code was mailed last
	ProvedEmail string    // the address of which a code was typed
	Proved      time.Time // when
}

// IsProved reports whether the address that they gave last was proved.
func (s Sitting) IsProved() bool { return s.Email != "" && s.Email == s.ProvedEmail }

// SittingLasts is how long answers are kept that are not sent.
const SittingLasts = time.Hour

var sittings = session.Flows[Sitting]{Name: "cim.ask", Life: SittingLasts}

// code is the purpose of the codes that show that somebody reads the mailbox from which they ask. Anybody can ask for
// them, for any address, so each network may for a few only, and few are mailed in a day.
var code = mailcode.Purpose{
	Name: "ra-ask", Life: 15 * time.Minute, MaxAsks: 5, MaxWrong: 5,
	MaxOfNetwork: 5, MaxOfNetworkAll: 60, MaxOfDay: 20,
	AskedTooOften: audit.Event{Kind: eventCodeTooOften},
	WrongTry:      audit.Event{Kind: eventCodeWrong},
	ErrAsks: fault.SayCure(fault.TooMany, "Too many codes were asked for, for this address or from your network.",
		"Use the newest code we sent you, or wait 15 minutes and ask again. You can also telephone or write to your "+
			"registration authority."),
	ErrDay: fault.SayCure(fault.TooMany, "Too many codes were asked for today, for this address.",
		"Telephone or write to your registration authority, or come back tomorrow."),
	ErrWrong: fault.OfField("code", "Enter the code from the newest email. Codes sent before it do not work"),
}

var (
	errOver = fault.SayCure(fault.Expired,
		"Your answers were not given in this browser, were sent already, or were left for more than an hour.",
		"If you had an email that we received your request, open the link in it. If not, start again.")
	errNotProved = fault.SayCure(fault.Conflict, "Your email address is not confirmed yet.",
		"Go back to your email address, and enter the code that we send you.")
	errUnserved = fault.OfField("organisation", "No registration authority is known for this organisation. Ask your "+
		"line manager which one looks after it")
	errUnknown   = fault.OfField("organisation", "Enter the ODS code of an organisation that is known here")
	errManyToday = fault.SayCure(fault.TooMany, "Too many requests were sent from your network today.",
		"Telephone or write to your registration authority, or come back tomorrow.")
)

// Begin keeps what somebody answered first, and gives the cookie of their sitting.
func (d *Desk) Begin(ctx context.Context, a Answers) (string, error) {
	a, err := a.checked(Opening)
	if err != nil {
		return "", err
	}
	return db.Keep(ctx, d.DB, func(k *db.K) (string, error) {
		id, secret, err := sittings.Start(ctx, k, Sitting{Answers: a})
		return session.Cookie(id, secret), err
	})
}

// Of reads the sitting of a browser.
func (d *Desk) Of(ctx context.Context, cookie string) (Sitting, error) {
	return db.Read(ctx, d.DB, func(r db.R) (Sitting, error) {
		flow, err := load(ctx, r, cookie)
		return flow.State, err
	})
}

func load(ctx context.Context, r db.R, cookie string) (session.Flow[Sitting], error) {
	id, secret := session.Split(cookie)
	flow, err := sittings.Load(ctx, r, id, secret)
	if errors.Is(err, fault.Expired) {
		err = errOver
	}
	return flow, err
}

// Save keeps the answers of one page of a sitting.
func (d *Desk) Save(ctx context.Context, cookie string, on Page, a Answers) error {
	a, err := a.checked(on)
	if err != nil {
		return err
	}
	if on == About {
		_, err := db.Read(ctx, d.DB, func(r db.R) (organisation.Organisation, error) {
			return authorityOf(ctx, r, a.Organisation)
		})
		if err != nil {
			return err
		}
	}
	return d.DB.Keep(ctx, func(k *db.K) error {
		flow, err := load(ctx, k, cookie)
		if err != nil {
			return err
		}
		flow.State.put(on, a)
		return sittings.Save(ctx, k, &flow)
	})
}

// authorityOf finds the registration authority of an organisation, or says at its field what is wrong with it.
func authorityOf(ctx context.Context, r db.R, odsCode string) (organisation.Organisation, error) {
	_, err := organisation.ByCode(ctx, r, odsCode)
	if errors.Is(err, fault.NotFound) {
		return organisation.Organisation{}, errUnknown
	}
	if err != nil {
		return organisation.Organisation{}, err
	}
	found, err := hosting.RegistrationAuthority(ctx, r, odsCode)
	if errors.Is(err, fault.NotFound) {
		err = errUnserved
	}
	return found, err
}

// addressRef stands for an address in limits and in events, without telling it.
func (d *Desk) addressRef(key string) audit.Ref {
	return audit.Ref{Kind: "ra-ask-address", ID: hex.EncodeToString(d.Post.Digest("ask of " + key)[:16])}
}

// AskCode keeps the address of a sitting and mails a code to it, unless it is proved already.
func (d *Desk) AskCode(ctx context.Context, by actor.Actor, cookie, address string) error {
	a, err := Answers{Email: address}.checked(Mailbox)
	if err != nil {
		return err
	}
	s, err := d.Of(ctx, cookie)
	if err != nil {
		return err
	}
	if s.ProvedEmail == a.Email {
		return d.Save(ctx, cookie, Mailbox, a)
	}
	return d.DB.Update(ctx, by, func(w *db.W) error {
		flow, err := load(ctx, w, cookie)
		if err != nil {
			return err
		}
		flow.State.put(Mailbox, a)
		flow.State.MailedEmail = a.Email
		if err := sittings.Save(ctx, w, &flow); err != nil {
			return err
		}
		return d.mailCode(ctx, w, flow)
	})
}

func (d *Desk) mailCode(ctx context.Context, w *db.W, flow session.Flow[Sitting]) error {
	s := flow.State
	ref := d.addressRef(keyOf(s.Email))
	write := func(code string) mail.Message { return codeMail(s.Email, code) }
	if err := mailcode.Ask(ctx, w, d.Post, code.Within(flow.ID), ref, write); err != nil {
		return err
	}
	return w.Record(ctx, audit.Event{Kind: eventCodeAsked, Subject: ref})
}

// SendCodeAgain mails another code of a sitting.
func (d *Desk) SendCodeAgain(ctx context.Context, by actor.Actor, cookie string) error {
	return d.DB.Update(ctx, by, func(w *db.W) error {
		flow, err := load(ctx, w, cookie)
		if err != nil {
			return err
		}
		return d.mailCode(ctx, w, flow)
	})
}

// Prove takes the code that was mailed in a sitting.
func (d *Desk) Prove(ctx context.Context, by actor.Actor, cookie, typed string) error {
	return d.DB.Update(ctx, by, func(w *db.W) error {
		flow, err := load(ctx, w, cookie)
		if err != nil {
			return err
		}
		ref := d.addressRef(keyOf(flow.State.Email))
		if _, err := mailcode.Use(ctx, w, d.Post, code.Within(flow.ID), ref, typed); err != nil {
			return err
		}
		flow.State.ProvedEmail = flow.State.Email
		flow.State.Proved = w.Now()
		if err := sittings.Save(ctx, w, &flow); err != nil {
			return fmt.Errorf("prove address: %w", err)
		}
		return w.Record(ctx, audit.Event{Kind: eventProved, Subject: ref})
	})
}

// Sent is what became of a sitting that was sent.
type Sent struct {
	Number string
	Again  bool // the same was asked for already by this address, and waits
}

// maxOfNetwork is how many requests may come from one network in a day: as many as a hospital sends behind one address
// in a week of its move, and few enough to be thrown away.
const maxOfNetwork = 200

const (
	selectOpen = `SELECT q.number FROM ra_asked a JOIN ra_request q ON q.id = a.request
		WHERE a.email_key = $1 AND q.kind = $2 AND q.state = 'open' ORDER BY q.id LIMIT 1`
	countOfNetwork = `SELECT COUNT(*) FROM ra_asked WHERE network = $1 AND asked_at > $2`
	insertAsked    = `INSERT INTO ra_asked (request, email_key, network, asked_at) VALUES ($1, $2, $3, $4)`
)

func scanNumber(scan db.Scanner) (number string, err error) {
	err = scan(&number)
	return number, err
}

// Send makes the request of a sitting, and mails the link by which it is followed. Where the same address waits for the
// same already, no second one is made, and the link to the first is mailed again.
func (d *Desk) Send(ctx context.Context, by actor.Actor, cookie string, shown Answers) (Sent, error) {
	return db.Write(ctx, d.DB, by, func(w *db.W) (sent Sent, err error) {
		id, secret := session.Split(cookie)
		flow, err := load(ctx, w, cookie)
		if err != nil {
			return sent, err
		}
		s := flow.State
		if !s.IsProved() {
			return sent, errNotProved
		}
		if s.Answers != shown {
			return sent, ErrChanged
		}
		if sent, err = d.open(ctx, w, s); err != nil {
			return sent, err
		}
		if _, err := sittings.Take(ctx, w, id, secret); errors.Is(err, fault.Expired) {
			return sent, errOver
		} else if err != nil {
			return sent, err
		}
		return sent, nil
	})
}

func (d *Desk) open(ctx context.Context, w *db.W, s Sitting) (Sent, error) {
	need, is := NeedOf(s.Need)
	if !is {
		return Sent{}, errNoNeed
	}
	key := keyOf(s.Email)
	numbers, err := db.All(ctx, w, scanNumber, selectOpen, key, string(s.Need))
	if err != nil {
		return Sent{}, fmt.Errorf("look for the same request: %w", err)
	}
	if len(numbers) > 0 {
		return d.repeat(ctx, w, numbers[0])
	}
	network := w.Actor().Network
	if network != "" {
		network = hex.EncodeToString(d.Post.Digest("network of asks\n" + network)[:16])
		n, err := db.Value[int64](ctx, w, countOfNetwork, network, w.Now().Add(-24*time.Hour))
		if err != nil {
			return Sent{}, fmt.Errorf("count requests of a network: %w", err)
		}
		if n >= maxOfNetwork {
			return Sent{}, w.Refuse(ctx, audit.Event{Kind: eventTooMany, Subject: d.addressRef(key)}, errManyToday)
		}
	}
	asked, err := request.Open(ctx, w, request.New{
		Subject: request.Subject{Name: s.Name, Email: s.Email, EmailProved: s.Proved, Stated: s.Number},
		What:    need.what, Reason: s.Text, Organisation: s.Organisation, ByAddress: true,
	})
	if err != nil {
		return Sent{}, err
	}
	if _, err := w.Exec(ctx, insertAsked, asked.ID, key, network, w.Now()); err != nil {
		return Sent{}, fmt.Errorf("note who asked: %w", err)
	}
	return Sent{Number: asked.Number}, d.Post.Send(ctx, w, receivedMail(asked, d.link(asked.ID)))
}

// repeat answers somebody who waits for the same already.
func (d *Desk) repeat(ctx context.Context, w *db.W, number string) (Sent, error) {
	asked, err := request.ByNumber(ctx, w, number)
	if err != nil {
		return Sent{}, err
	}
	if err := d.Post.Send(ctx, w, receivedMail(asked, d.link(asked.ID))); err != nil {
		return Sent{}, err
	}
	ref := request.Ref(asked.ID)
	return Sent{Number: number, Again: true}, w.Record(ctx, audit.Event{Kind: eventRepeated, Subject: ref})
}
