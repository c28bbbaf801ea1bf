package desk

import (
	"context"
	"errors"
	"net/http"
	"time"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/registration"
	"signpost/internal/platform/db"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/when"
)

// personForms are the forms on the page of a person.
type personForms struct{ end, unlock *form.Rendered }

func formsOf(r *http.Request, uuid string) personForms {
	return personForms{end: endForm.New(r, "uuid", uuid), unlock: unlockForm.New(r, "uuid", uuid)}
}

// readAuthenticators lists the person's authenticators, and offers to end the locks of those that are locked.
func (v *personView) readAuthenticators(ctx context.Context, r db.R) error {
	list, err := authenticator.OfIdentity(ctx, r, v.UUID)
	if err != nil {
		return err
	}
	locks, err := authenticator.Locks(ctx, r, v.UUID)
	if err != nil {
		return err
	}
	var locked []nhsuk.RadioItem
	for _, a := range list {
		ends := locks[a.ID]
		v.Authenticators = append(v.Authenticators, nhsuk.Cells(
			a.Name, a.Kind.Label()+", "+a.LevelText(), statusText(a, ends), when.Date(a.BoundAt)))
		if !ends.IsZero() {
			locked = append(locked, nhsuk.RadioItem{Value: a.ID, Text: a.Name, Hint: statusText(a, ends)})
		}
	}
	if len(locked) == 0 {
		v.Unlock = nil
		return nil
	}
	v.Unlock.Offer("authenticator", locked)
	return nil
}

// statusText words what may be done with an authenticator; lockEnds is when it is free again on every browser.
func statusText(a authenticator.Authenticator, lockEnds time.Time) string {
	switch {
	case a.Status != authenticator.Active:
		return "Suspended"
	case a.Locked:
		return "Locked after too many wrong attempts, until " + when.DateTime(lockEnds)
	case !lockEnds.IsZero():
		return "Locked on a browser that it was used on before, until " + when.DateTime(lockEnds)
	}
	return "Active"
}

// unlock ends the lock of an authenticator.
func (d *Desk) unlock(w http.ResponseWriter, r *http.Request) error {
	person, err := d.person(r)
	if err != nil {
		return err
	}
	forms := formsOf(r, person.UUID)
	forms.unlock = unlockForm.Read(r)
	if !forms.unlock.Complete() {
		return d.showPerson(w, r, http.StatusUnprocessableEntity, person, forms)
	}
	err = registration.EndLock(r.Context(), d.frame.DB, web.Actor(r), person.UUID,
		forms.unlock.Value("authenticator"), forms.unlock.Value("why"))
	if errors.Is(err, registration.ErrNotLocked) {
		return web.SeeOther(w, r, personPath(person.UUID), "That lock has ended already. Nothing was changed.")
	}
	if forms.unlock.Refuse(err) {
		return d.showPerson(w, r, http.StatusUnprocessableEntity, person, forms)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, personPath(person.UUID),
		"Lock ended. The authenticator can be used again, and its owner is told by email.")
}
