package staffrecord

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"signpost/internal/careid/identity"
	"signpost/internal/careid/identity/detail"
	"signpost/internal/careid/request"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// create asks a registration authority to make a care identity, where nobody here seems to be the person.
func create(ctx context.Context, w *db.W, k Kept) (Outcome, error) {
	class, found, err := compare(ctx, w, k)
	if err != nil {
		return Outcome{}, err
	}
	before, err := personOf(ctx, w, k.Organisation, k.Employee)
	switch {
	case err != nil:
		return Outcome{}, err
	case before != "":
		return Outcome{State: Failed, Class: DifferentHeld, UUID: before,
			Text: "The person is associated with a Care Identity already. Drop the message."}, nil
	case class != NobodyFound:
		return Outcome{State: Failed, Class: class, Others: found, Text: class.Text() +
			" If it is the person, send Associate with its number: nobody gets a second Care Identity."}, nil
	}
	asked, err := request.Open(ctx, w, request.New{
		Subject:      request.Subject{Name: k.Name()},
		Organisation: k.Organisation,
		What:         request.StaffCreate{Message: k.ID},
		Reason:       "The staff record has a person without a Care Identity: employee " + k.Employee + ".",
	})
	if err != nil {
		return Outcome{}, err
	}
	return Outcome{State: Asked, Class: class, Request: asked.Number,
		Text: "A registration authority decides whether the Care Identity is made."}, nil
}

// modify asks a registration authority to change what is known of a person, where the staff record says otherwise.
func modify(ctx context.Context, w *db.W, k Kept) (Outcome, error) {
	uuid, err := personOf(ctx, w, k.Organisation, k.Employee)
	if err != nil {
		return Outcome{}, err
	}
	switch {
	case uuid == "" && k.Number != "":
		return unassociated(ctx, w, k)
	case uuid == "":
		return failed("", "The person is not associated with a Care Identity. Send CreatePerson or Associate, then "+
			"this with another id."), nil
	case uuid != k.Number:
		return failed(uuid, "The person was associated with another Care Identity than the one that was to be made. "+
			"Send this with another id."), nil
	}
	if err := endEarlier(ctx, w, k); err != nil {
		return Outcome{}, err
	}
	if err := requireOwnNI(ctx, w, k, uuid); err != nil {
		return Outcome{UUID: uuid}, err
	}
	changes, err := changesBy(ctx, w, k, uuid)
	if err != nil {
		return Outcome{}, err
	}
	if len(changes) == 0 {
		return done(uuid, "The Care Identity says the same already."), nil
	}
	asked, err := request.Open(ctx, w, request.New{
		Subject:      request.Subject{UUID: uuid},
		Organisation: k.Organisation,
		What:         request.StaffModify{Message: k.ID},
		Reason:       "The staff record says otherwise than the Care Identity: employee " + k.Employee + ".",
	})
	if err != nil {
		return Outcome{}, err
	}
	return Outcome{State: Asked, UUID: uuid, Request: asked.Number,
		Text: "A registration authority decides whether the details are changed."}, nil
}

// replaced is said of a message after which another about the same came.
const replaced = "A later message of the staff record took its place."

// endEarlier ends what an earlier message asked to change of the same person: the last one counts.
func endEarlier(ctx context.Context, w *db.W, k Kept) error {
	list, err := db.All(ctx, w, scanEntry, messageColumns+` WHERE organisation = $1 AND state = 'asked'
		AND kind = 'ModifyPerson' AND employee = $2`, k.Organisation, k.Employee)
	if err != nil {
		return fmt.Errorf("list messages about a person: %w", err)
	}
	for _, e := range list {
		if err := request.EndByNumber(ctx, w, e.Outcome.Request, replaced); err != nil {
			return err
		}
		if err := settle(ctx, w, e, Outcome{State: Dropped, UUID: e.Outcome.UUID, Text: replaced}); err != nil {
			return err
		}
	}
	return nil
}

// Change is one thing that a staff record says otherwise than a care identity.
type Change struct{ What, Before, After string }

// changesBy lists what a message says otherwise than the care identity of its person. What the message leaves empty
// stays as it is. Of a National Insurance number the last letter is shown.
func changesBy(ctx context.Context, r db.R, k Kept, uuid string) (list []Change, err error) {
	i, err := identity.ByUUID(ctx, r, uuid)
	if err != nil {
		return nil, err
	}
	known, err := detail.Of(ctx, r, uuid)
	if err != nil {
		return nil, err
	}
	for _, one := range []Change{
		{"Title", i.Title, k.Title}, {"Given name", i.GivenName, k.GivenName},
		{"Middle names", i.MiddleNames, k.MiddleNames}, {"Family name", i.FamilyName, k.FamilyName},
	} {
		if one.After != "" && one.After != one.Before {
			list = append(list, one)
		}
	}
	if k.BirthDate != "" && k.BirthDate != known.BirthDate {
		list = append(list, Change{"Birth date", known.BirthDate.Text(), k.BirthDate.Text()})
	}
	other, err := otherNI(ctx, r, k, uuid)
	if err != nil || !other {
		return list, err
	}
	before := "Not known"
	if known.HasNI() {
		before = "Ends in " + known.NIEnding
	}
	after := "Another one, which ends in " + k.Details.NIEnding
	return append(list, Change{"National Insurance number", before, after}), nil
}

// otherNI reports whether a message has another National Insurance number than its person has here.
func otherNI(ctx context.Context, r db.R, k Kept, uuid string) (bool, error) {
	if len(k.Details.NIDigest) == 0 {
		return false, nil
	}
	digest, err := detail.DigestOf(ctx, r, uuid)
	return err == nil && !bytes.Equal(digest, k.Details.NIDigest), err
}

var errOthersNI = fault.SayCure(fault.Conflict, "Another Care Identity has this National Insurance number.",
	"Find out whose it is. Correct the staff record, or close the Care Identity that the person does not use.")

// requireOwnNI refuses a message with a National Insurance number that somebody else has.
func requireOwnNI(ctx context.Context, r db.R, k Kept, uuid string) error {
	if len(k.Details.NIDigest) == 0 {
		return nil
	}
	others, err := detail.WithDigest(ctx, r, k.Details.NIDigest)
	if err == nil && slices.ContainsFunc(others, func(other string) bool { return other != uuid }) {
		err = errOthersNI
	}
	return err
}

// Asking is what a request of a staff record asks for.
type Asking struct {
	Entry

	Changes []Change            // of ModifyPerson
	Alike   []identity.Identity // who may be the person of CreatePerson, by their names
}

// AskedBy reads what a request of a staff record asks for; false if it is none.
func AskedBy(ctx context.Context, r db.R, q request.Request) (a Asking, is bool, err error) {
	id := messageOf(q)
	if id == "" {
		return a, false, nil
	}
	if a.Entry, err = ByID(ctx, r, q.Organisation, id); err != nil {
		return a, true, err
	}
	if q.Subject.UUID != "" {
		a.Changes, err = changesBy(ctx, r, a.Kept, q.Subject.UUID)
		return a, true, err
	}
	a.Alike, err = identity.Named(ctx, r, a.GivenName, a.FamilyName)
	return a, true, err
}

func messageOf(q request.Request) string {
	switch what := q.What.(type) {
	case request.StaffCreate:
		return what.Message
	case request.StaffModify:
		return what.Message
	}
	return ""
}

var errSame = fault.SayCure(fault.Conflict, "Meanwhile there is a Care Identity that seems to be this person's.",
	"Reject the request. The staff record then sends Associate with its number.")

// Create makes the care identity that a request asks for, and associates it, as a part of the Update that completes the
// request. The employer saw the documents.
func Create(ctx context.Context, w *db.W, q request.Request) error {
	e, err := ByID(ctx, w, q.Organisation, messageOf(q))
	if err != nil {
		return err
	}
	class, _, err := compare(ctx, w, e.Kept)
	if err != nil {
		return err
	}
	if class != NobodyFound {
		return errSame
	}
	_, err = identity.Add(ctx, w, identity.New{
		UUID: e.Number, Origin: identity.ByStaffRecord, Title: e.Title, GivenName: e.GivenName,
		MiddleNames: e.MiddleNames, FamilyName: e.FamilyName, Email: e.Email, Verified: true, AssuranceLevel: 3,
		Organisation: e.Organisation,
	})
	if err != nil {
		return err
	}
	if err := identity.NoteEmployer(ctx, w, e.Number); err != nil {
		return err
	}
	if err := detail.AddImported(ctx, w, []string{e.Number}, []detail.Imported{e.Details}); err != nil {
		return err
	}
	if err := link(ctx, w, e.Organisation, e.Employee, e.Number); err != nil {
		return err
	}
	if err := completed(ctx, w, e, done(e.Number, "The Care Identity was made.")); err != nil {
		return err
	}
	return retryAll(ctx, w, e.Organisation, byEmployee, e.Employee)
}

// Modify changes the details of a person as a request asks for, as a part of the Update that completes the request.
func Modify(ctx context.Context, w *db.W, q request.Request) error {
	e, err := ByID(ctx, w, q.Organisation, messageOf(q))
	if err != nil {
		return err
	}
	uuid := q.Subject.UUID
	if err := requireOwnNI(ctx, w, e.Kept, uuid); err != nil {
		return err
	}
	i, err := identity.ByUUID(ctx, w, uuid)
	if err != nil {
		return err
	}
	names := i.Names()
	for to, text := range map[*string]string{
		&names.Title: e.Title, &names.GivenName: e.GivenName, &names.MiddleNames: e.MiddleNames,
		&names.FamilyName: e.FamilyName,
	} {
		if text != "" {
			*to = text
		}
	}
	if err := identity.Rename(ctx, w, uuid, names, "Request "+q.Number+" of the staff record"); err != nil {
		return err
	}
	if e.BirthDate != "" {
		if err := detail.SetBirthDate(ctx, w, uuid, e.BirthDate); err != nil {
			return err
		}
	}
	other, err := otherNI(ctx, w, e.Kept, uuid)
	if err != nil {
		return err
	}
	if other {
		if err := detail.SetSealedNI(ctx, w, uuid, e.Details); err != nil {
			return err
		}
	}
	return completed(ctx, w, e, done(uuid, "The details were changed."))
}

// Rejected settles the message of a request that was rejected, with the reason and the notes, as a part of that Update.
func Rejected(ctx context.Context, w *db.W, q request.Request) error {
	id := messageOf(q)
	if id == "" {
		return nil
	}
	e, err := ByID(ctx, w, q.Organisation, id)
	if err != nil {
		return err
	}
	o := Outcome{State: Dropped, UUID: e.Outcome.UUID, Request: q.Number,
		Text: "The registration authority rejected it: " + q.Decision + ". " + q.Notes}
	if err := settle(ctx, w, e, o); err != nil {
		return err
	}
	return record(ctx, w, e.Kept, o)
}

// completed settles a message whose request was approved.
func completed(ctx context.Context, w *db.W, e Entry, o Outcome) error {
	o.Request = e.Outcome.Request
	if err := settle(ctx, w, e, o); err != nil {
		return err
	}
	return record(ctx, w, e.Kept, o)
}
