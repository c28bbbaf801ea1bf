package identity

import (
	"context"
	"fmt"

	"signpost/internal/careid/change"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/name"
)

// Names are those of a person: as they stand on the identity document, and the one by which pages call them.
type Names struct{ Title, GivenName, MiddleNames, FamilyName, PreferredName string }

// Names returns the person's names.
func (i Identity) Names() Names {
	return Names{Title: i.Title, GivenName: i.GivenName, MiddleNames: i.MiddleNames, FamilyName: i.FamilyName,
		PreferredName: i.PreferredName}
}

const updateNames = `UPDATE identity SET title = $2, given_name = $3, middle_names = $4, family_name = $5,
	preferred_name = $6 WHERE uuid = $1`

// Rename gives somebody other names, as a part of an Update. A new given or family name needs a reason.
func Rename(ctx context.Context, w *db.W, uuid string, n Names, reason string) error {
	i, err := ByUUID(ctx, w, uuid)
	if err != nil {
		return err
	}
	before := i.Names()
	if err := n.replace(before, reason); err != nil {
		return err
	}
	if n == before {
		return nil
	}
	typed := New{Kind: i.Kind, Title: n.Title, GivenName: n.GivenName, MiddleNames: n.MiddleNames,
		FamilyName: n.FamilyName, Organisation: i.Organisation}
	if i.Kind != Card { // its name keeps its form
		if err := typed.named(); err != nil {
			return err
		}
	}
	i.Title = n.Title
	i.GivenName = n.GivenName
	i.MiddleNames = n.MiddleNames
	i.FamilyName = n.FamilyName
	i.PreferredName = n.PreferredName
	err = w.Change(ctx, updateNames, uuid, i.Title, i.GivenName, i.MiddleNames, i.FamilyName, i.PreferredName)
	if err != nil {
		return fmt.Errorf("rename identity: %w", err)
	}
	if err := putWords(ctx, w, uuid, i.searchedName()); err != nil {
		return err
	}
	if err := change.Note(ctx, w, change.OfPerson(uuid)); err != nil {
		return err
	}
	return w.Record(ctx, audit.Event{Kind: eventRenamed, Subject: Ref(uuid), Before: before, After: n, Reason: reason})
}

// replace says what is wrong with names in the place of others.
func (n Names) replace(before Names, reason string) error {
	if problem := name.Problem(n.PreferredName); n.PreferredName != "" && problem != "" {
		return fault.OfField("preferred_name", problem)
	}
	other := n.GivenName != before.GivenName || n.FamilyName != before.FamilyName
	if other && reason == "" {
		return fault.OfField("why", "Enter why the name changes")
	}
	return nil
}

const markVerified = `UPDATE identity SET verified = TRUE, assurance_level = 3, kind = 'standard' WHERE uuid = $1`

// eventVerified is recorded when an identity's documents were seen that was made without.
const eventVerified audit.Kind = "identity.verified"

var errVerified = fault.Say(fault.Conflict, "The documents of this Care Identity were seen already.")
var errNoPerson = fault.Say(fault.Conflict, "This Care Identity is no person’s, so it has no documents.")

// Verify makes an identity verified whose documents the actor saw, as a part of an Update.
func Verify(ctx context.Context, w *db.W, uuid string, d Documents) error {
	i, err := ByUUID(ctx, w, uuid)
	if err != nil {
		return err
	}
	switch {
	case i.Kind.Organisational():
		return errNoPerson
	case i.Verified:
		return errVerified
	}
	if err := NoteDocuments(ctx, w, uuid, FaceToFace, d); err != nil {
		return err
	}
	if err := w.Change(ctx, markVerified, uuid); err != nil {
		return fmt.Errorf("verify identity: %w", err)
	}
	if err := change.Note(ctx, w, change.OfPerson(uuid)); err != nil {
		return err
	}
	return w.Record(ctx, audit.Event{Kind: eventVerified, Subject: Ref(uuid), Before: i.Kind, After: Standard})
}
