package registration

import (
	"context"
	"errors"

	"signpost/internal/careid/access"
	"signpost/internal/careid/change"
	"signpost/internal/careid/hosting"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/organisation"
	"signpost/internal/careid/registration/officer"
	"signpost/internal/careid/registration/permission"
	"signpost/internal/national/ods"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// eventRecoded is recorded when the code of an organisation was changed, about the organisation with the new one.
const eventRecoded audit.Kind = "organisation.recoded"

var (
	errSameCode  = fault.OfField("code", "Enter the right code. This is the one that it has")
	errCodeTaken = fault.SayOfField("code", fault.Conflict,
		"This ODS code is another organisation’s here. Enter the right one, or create people there instead")
	errNotTyped = fault.SayCure(fault.Forbidden,
		"The code of this organisation came from the Organisation Data Service, and cannot be changed here.",
		"If people belong to another organisation, create them there.")
)

// RecodeOrganisation mends the ODS code of an organisation that somebody typed, and gives the new one. Everything that
// names it here follows. Only a manager may do this, for an organisation that their registration authority serves.
func RecodeOrganisation(ctx context.Context, d *db.DB, by actor.Actor, from, typed string) (code string, err error) {
	return db.Write(ctx, d, by, func(w *db.W) (string, error) {
		mended, err := mayRecode(ctx, w, from)
		if err != nil {
			return "", err
		}
		to, err := codeFor(ctx, w, mended, typed)
		if err != nil {
			return "", err
		}
		return to, recode(ctx, w, from, to)
	})
}

// mayRecode gives the organisation whose code the actor may change.
func mayRecode(ctx context.Context, w *db.W, from string) (organisation.Organisation, error) {
	none := organisation.Organisation{}
	about := organisation.Ref(from)
	if _, err := require(ctx, w, permission.LookAfterOrganisation, about, from); err != nil {
		return none, err
	}
	mended, err := organisation.ByCode(ctx, w, from)
	if err == nil && !mended.Typed() {
		err = officer.Refuse(ctx, w, about,
			"the code of the organisation is not one that somebody typed", errNotTyped)
	}
	return mended, err
}

// codeFor reads the right code of an organisation. Nothing here may name it yet: what two organisations have could not
// be told apart again.
func codeFor(ctx context.Context, r db.R, mended organisation.Organisation, typed string) (string, error) {
	parsed, err := ods.Parse(typed)
	if err != nil {
		return "", errOrganisationCode
	}
	code := string(parsed)
	if code == mended.Code {
		return "", errSameCode
	}
	_, err = organisation.ByCode(ctx, r, code)
	if err == nil {
		return "", errCodeTaken
	}
	if !errors.Is(err, fault.NotFound) {
		return "", err
	}
	people, err := identity.CountAt(ctx, r, code)
	if err != nil {
		return "", err
	}
	positions, err := access.CountAt(ctx, r, code)
	if err == nil && people+positions > 0 {
		err = errCodeTaken
	}
	return code, err
}

// recode has all that names an organisation by one code name it by another.
func recode(ctx context.Context, w *db.W, from, to string) error {
	if err := organisation.Recode(ctx, w, from, to); err != nil {
		return err
	}
	if err := hosting.Recode(ctx, w, from, to); err != nil {
		return err
	}
	people, err := identity.Recode(ctx, w, from, to)
	if err != nil {
		return err
	}
	positions, err := access.Recode(ctx, w, from, to)
	if err != nil {
		return err
	}
	if err := change.Note(ctx, w, change.OfAll()); err != nil {
		return err
	}
	return w.Record(ctx, audit.Event{
		Kind: eventRecoded, Subject: organisation.Ref(to), Before: map[string]string{"code": from},
		After: map[string]any{"code": to, "people": people, "positions": positions},
	})
}
