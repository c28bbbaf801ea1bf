package apply

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"signpost/internal/careid/apply/document"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/identity/detail"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/name"
)

// Answers are what an applicant said of themselves. They stand sealed.
type Answers struct {
	GivenName, MiddleNames, FamilyName string // as they stand on the photo document

	BirthDate detail.BirthDate
	NI        detail.NINumber
	Documents identity.Documents

	NITries int // how many National Insurance numbers were entered
}

// Name is the applicant's, as they typed it.
func (a Answers) Name() string {
	return strings.Join(strings.Fields(a.GivenName+" "+a.MiddleNames+" "+a.FamilyName), " ")
}

// known reports whether all is said by which it is known whether somebody has a Care Identity.
func (a Answers) known() bool { return a.FamilyName != "" && a.BirthDate != "" && a.NI != "" }

// Step is one page of an application.
type Step string

// The steps beside those of the pictures, which have their names.
const (
	StepName    Step = "name"
	StepBirth   Step = "birth-date"
	StepNI      Step = "ni-number"
	StepPhotoID Step = "photo-id"
)

// Item gives what the step belongs to.
func (s Step) Item() document.Item {
	switch s {
	case StepName, StepBirth, StepNI:
		return document.Details
	case StepPhotoID:
		return document.PhotoID
	}
	return document.Shot(s).Item()
}

// Progress is how far an applicant is.
type Progress struct {
	Application
	Answers

	Sent []document.Shot // the pictures that are there
}

// Steps lists the steps of the application, in their order.
func (p Progress) Steps() []Step {
	list := []Step{StepName, StepBirth, StepNI, StepPhotoID}
	for _, shot := range document.Shots {
		if shot != document.Back || document.HasBack(p.Documents.Photo) {
			list = append(list, Step(shot))
		}
	}
	return list
}

// Done reports whether a step is done.
func (p Progress) Done(s Step) bool {
	switch s {
	case StepName:
		return p.Answers.FamilyName != ""
	case StepBirth:
		return p.BirthDate != ""
	case StepNI:
		return p.NI != ""
	case StepPhotoID:
		return p.Documents.Photo != ""
	}
	return slices.Contains(p.Sent, document.Shot(s))
}

// Open reports whether a step may be answered: all of them at first, later those of what was refused.
func (p Progress) Open(s Step) bool {
	switch p.State {
	case Started:
		return slices.Contains(p.Steps(), s)
	case Returned:
		return p.Refusals[s.Item()] != "" && slices.Contains(p.Steps(), s)
	}
	return false
}

// Next gives the first step that is to be done; none if all are.
func (p Progress) Next() (Step, bool) {
	for _, s := range p.Steps() {
		if !p.Done(s) {
			return s, true
		}
	}
	return "", false
}

const answersStep = "answers"

func sealedAs(id, step string) string { return "application_part/" + id + "/" + step }

// progress reads how far an application is.
func (d *Desk) progress(ctx context.Context, r db.R, a Application) (p Progress, err error) {
	p.Application = a
	steps, err := db.All(ctx, r, db.Column[string], `SELECT step FROM application_part WHERE application = $1`, a.ID)
	if err != nil {
		return p, fmt.Errorf("list parts of application: %w", err)
	}
	for _, s := range steps {
		if shot := document.Shot(s); shot.Valid() {
			p.Sent = append(p.Sent, shot)
		}
	}
	text, err := d.part(ctx, r, a.ID, answersStep)
	if errors.Is(err, fault.NotFound) {
		return p, nil
	}
	if err == nil {
		err = json.Unmarshal(text, &p.Answers)
	}
	return p, err
}

// part opens a part of an application, or gives fault.NotFound.
func (d *Desk) part(ctx context.Context, r db.R, id, step string) ([]byte, error) {
	sealed, err := db.Value[[]byte](ctx, r,
		`SELECT sealed FROM application_part WHERE application = $1 AND step = $2`, id, step)
	if err != nil {
		return nil, fmt.Errorf("read part of application: %w", err)
	}
	return d.Box.Open(sealed, sealedAs(id, step))
}

const putPart = `INSERT INTO application_part (application, step, sealed, over_at) VALUES ($1, $2, $3, $4)
	ON CONFLICT (application, step) DO UPDATE SET sealed = excluded.sealed, over_at = excluded.over_at`

func (d *Desk) putPart(ctx context.Context, w *db.W, a Application, step string, plain []byte) error {
	_, err := w.Exec(ctx, putPart, a.ID, step, d.Box.Seal(plain, sealedAs(a.ID, step)), d.over(a, a.State, w.Now()))
	if err != nil {
		return fmt.Errorf("keep part of application: %w", err)
	}
	return nil
}

func (d *Desk) putAnswers(ctx context.Context, w *db.W, p Progress) error {
	text, err := json.Marshal(p.Answers)
	if err != nil {
		return fmt.Errorf("keep answers: %w", err)
	}
	return d.putPart(ctx, w, p.Application, answersStep, text)
}

// Mine reads how far the application of a visit is.
func (d *Desk) Mine(ctx context.Context, r db.R, cookie string) (Progress, error) {
	a, err := entered(ctx, r, cookie)
	if err != nil {
		return Progress{}, err
	}
	return d.progress(ctx, r, a)
}

var errNotOpen = fault.SayCure(fault.Conflict, "This cannot be answered now.",
	"Go back to your application: it says what is to be done.")

// answer takes the answer of a step, which note puts into the answers.
func (d *Desk) answer(
	ctx context.Context, by actor.Actor, cookie string, s Step, note func(w *db.W, p *Progress) error,
) error {
	return d.DB.Update(ctx, by, func(w *db.W) error {
		p, err := d.Mine(ctx, w, cookie)
		if err != nil {
			return err
		}
		if !p.Open(s) {
			return errNotOpen
		}
		if err := note(w, &p); err != nil {
			return err
		}
		if err := d.putAnswers(ctx, w, p); err != nil {
			return err
		}
		if s.Item() == document.Details && p.known() {
			same, err := d.same(ctx, w, p)
			if err != nil {
				return err
			}
			if same.Any() {
				return d.stopSame(ctx, w, p, same)
			}
		}
		if err := d.move(ctx, w, &p.Application, answer, Applicant); err != nil {
			return err
		}
		return w.Record(ctx, audit.Event{Kind: eventAnswered, Subject: Ref(p.ID), After: map[string]Step{"step": s}})
	})
}

// SaveName takes the applicant's name.
func (d *Desk) SaveName(ctx context.Context, by actor.Actor, cookie string, given, middle, family string) error {
	for field, text := range map[string]string{"given_name": given, "middle_names": middle, "family_name": family} {
		if text == "" && field != "middle_names" {
			return fault.OfField(field, "Enter your name as it stands on your photo document")
		}
		if problem := name.Problem(text); text != "" && problem != "" {
			return fault.OfField(field, problem)
		}
	}
	return d.answer(ctx, by, cookie, StepName, func(_ *db.W, p *Progress) error {
		p.Answers.GivenName = given
		p.Answers.MiddleNames = middle
		p.Answers.FamilyName = family
		return nil
	})
}

// SaveBirthDate takes the applicant's birth date.
func (d *Desk) SaveBirthDate(ctx context.Context, by actor.Actor, cookie, typed string) error {
	return d.answer(ctx, by, cookie, StepBirth, func(w *db.W, p *Progress) (err error) {
		p.BirthDate, err = detail.ParseBirthDate(typed, w.Now())
		if err == nil && p.BirthDate == "" {
			err = fault.OfField("birth_date", "Enter your own birth date")
		}
		return err
	})
}

// maxNITries is how many National Insurance numbers may be entered: whoever tries those of others learns of few.
const maxNITries = 5

var errNITries = fault.SayCure(fault.TooMany, "Too many National Insurance numbers were entered.",
	"Contact whoever invited you. Their address is in the mail with the link.")

// SaveNI takes the applicant's National Insurance number.
func (d *Desk) SaveNI(ctx context.Context, by actor.Actor, cookie, typed string) error {
	n, err := detail.ParseNI(typed)
	if err != nil {
		return err
	}
	return d.answer(ctx, by, cookie, StepNI, func(w *db.W, p *Progress) error {
		if p.NI == n {
			return nil
		}
		if p.NITries >= maxNITries {
			return refuse(ctx, w, p.ID, "too many National Insurance numbers", errNITries)
		}
		p.NITries++
		p.NI = n
		return w.Change(ctx, `UPDATE application SET ni_digest = $2 WHERE id = $1`, p.ID, d.niDigest(n))
	})
}

func (d *Desk) niDigest(n detail.NINumber) []byte { return d.Box.Digest("application/ni/" + string(n)) }

// NoNI stops an application of somebody who has no National Insurance number: they are seen face to face.
func (d *Desk) NoNI(ctx context.Context, by actor.Actor, cookie string) error {
	return d.DB.Update(ctx, by, func(w *db.W) error {
		p, err := d.Mine(ctx, w, cookie)
		if err != nil {
			return err
		}
		if !p.Open(StepNI) {
			return errNotOpen
		}
		if err := d.move(ctx, w, &p.Application, stopNone, Applicant); err != nil {
			return err
		}
		err = d.tellInviter(ctx, w, p.Application, "they have no National Insurance number.",
			"They cannot apply online. Have a registration authority see them and their documents face to face.")
		if err != nil {
			return err
		}
		return w.Record(ctx, audit.Event{Kind: eventNoNumber, Subject: Ref(p.ID)})
	})
}

// SavePhotoID takes which photo document the applicant sends. Pictures of another one are forgotten.
func (d *Desk) SavePhotoID(ctx context.Context, by actor.Actor, cookie, kind, ending string) error {
	ending = strings.ToUpper(ending)
	return d.answer(ctx, by, cookie, StepPhotoID, func(w *db.W, p *Progress) error {
		if !isAmong(identity.PhotoDocuments, kind) {
			return fault.OfField("photo", "Select the document that you will send")
		}
		if !fourCharacters(ending) {
			return fault.OfField("ending", "Enter the last 4 letters or digits of its number")
		}
		if p.Documents.Photo != "" && p.Documents.Photo != kind {
			const forget = `DELETE FROM application_part WHERE application = $1 AND step IN ($2, $3)`
			if _, err := w.Exec(ctx, forget, p.ID, string(document.Front), string(document.Back)); err != nil {
				return fmt.Errorf("forget pictures: %w", err)
			}
		}
		p.Documents.Photo = kind
		p.Documents.Ending = ending
		return nil
	})
}

func fourCharacters(text string) bool {
	const length = 4
	return len(text) == length && !strings.ContainsFunc(text, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'A' || r > 'Z')
	})
}

func isAmong(list []identity.Document, code string) bool {
	return slices.ContainsFunc(list, func(d identity.Document) bool { return d.Code == code })
}
