package identity

import (
	"context"
	"fmt"
	"strings"
	"time"

	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// eventDocumentsSeen is recorded when somebody's identity documents were seen.
const eventDocumentsSeen audit.Kind = "identity.documents-seen"

// Document is a kind of identity document.
type Document struct{ Code, Name string }

// The documents that show who somebody is, with a photo, and those that show where they live.
var (
	PhotoDocuments = []Document{
		{"passport", "Passport"}, {"driving-licence", "Photocard driving licence"},
		{"residence-permit", "Biometric residence permit"}, {"identity-card", "National identity card"},
	}
	AddressDocuments = []Document{
		{"bank-statement", "Bank or building society statement"}, {"council-tax", "Council tax bill"},
		{"utility-bill", "Utility bill"}, {"tenancy", "Tenancy agreement or mortgage statement"},
		{"tax-letter", "Letter from HM Revenue & Customs or the Department for Work and Pensions"},
	}
)

// Documents are the three that were seen: one with a photo, one with the address, and another of either kind.
type Documents struct {
	Photo, Address, Other string // codes
	Ending                string // the last characters of the photo document's number
}

// Seen says which documents were seen, and who saw them when.
type Seen struct {
	Documents
	Route Route
	By    string // number of a care identity
	At    time.Time
}

// Route is the way in which somebody saw identity documents.
type Route string

// The routes.
const (
	FaceToFace    Route = "face-to-face"
	AtApplication Route = "application"  // photos of them, in an application that somebody else checked
	AtEmployer    Route = "staff-record" // the employer saw them and says so
	BeforeHere    Route = "migration"    // in an earlier system
)

var routeTexts = map[Route]string{
	FaceToFace: "face to face", AtApplication: "in Apply for Care ID",
	AtEmployer: "by the employer, in the staff record", BeforeHere: "in an earlier system",
}

// Text says how the documents were seen.
func (r Route) Text() string { return routeTexts[r] }

// endingLength is how much of a document's number is kept: enough to hold it against the document once more.
const endingLength = 4

// Check says what is wrong with the documents.
func (d Documents) Check() error {
	switch {
	case !among(PhotoDocuments, d.Photo):
		return fault.OfField("photo", "Select the document with a photo that you saw")
	case len(d.Ending) != endingLength || strings.ContainsFunc(d.Ending, isNoLetterOrDigit):
		return fault.OfField("ending", "Enter the last 4 letters or digits of its number")
	case !among(AddressDocuments, d.Address):
		return fault.OfField("address", "Select the document with their address that you saw")
	case !among(PhotoDocuments, d.Other) && !among(AddressDocuments, d.Other):
		return fault.OfField("other", "Select the third document that you saw")
	case d.Other == d.Photo || d.Other == d.Address:
		return fault.OfField("other", "Select a third document, another than the first two")
	}
	return nil
}

func isNoLetterOrDigit(r rune) bool {
	return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
}

func among(list []Document, code string) bool { return nameIn(list, code) != "" }

func nameIn(list []Document, code string) string {
	for _, d := range list {
		if d.Code == code {
			return d.Name
		}
	}
	return ""
}

// DocumentName names a kind of document; empty if there is none of the code.
func DocumentName(code string) string {
	return nameIn(PhotoDocuments, code) + nameIn(AddressDocuments, code)
}

const putDocuments = `INSERT INTO identity_documents (uuid, photo, address, other, ending, seen_by, seen_at, route)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (uuid) DO UPDATE SET photo = excluded.photo,
	address = excluded.address, other = excluded.other, ending = excluded.ending, seen_by = excluded.seen_by,
	seen_at = excluded.seen_at, route = excluded.route`

// NoteDocuments records which documents the actor saw by a route, as a part of the Update that makes an identity
// verified. They stand in the place of those seen before, of which events still tell.
func NoteDocuments(ctx context.Context, w *db.W, uuid string, by Route, d Documents) error {
	if err := d.Check(); err != nil {
		return err
	}
	return noteDocuments(ctx, w, uuid, by, d)
}

// NoteEmployer records that the employer of somebody saw their documents, as the staff record that the actor accepts
// says. Which they were it does not say.
func NoteEmployer(ctx context.Context, w *db.W, uuid string) error {
	return noteDocuments(ctx, w, uuid, AtEmployer, Documents{})
}

func noteDocuments(ctx context.Context, w *db.W, uuid string, by Route, d Documents) error {
	_, err := w.Exec(ctx, putDocuments, uuid, d.Photo, d.Address, d.Other, d.Ending, w.Actor().ID, w.Now(),
		string(by))
	if err != nil {
		return fmt.Errorf("note identity documents: %w", err)
	}
	return w.Record(ctx, audit.Event{Kind: eventDocumentsSeen, Subject: Ref(uuid), After: d})
}

// DocumentsOf reads which documents of somebody were seen, or fault.NotFound where none were recorded.
func DocumentsOf(ctx context.Context, r db.R, uuid string) (Seen, error) {
	s, err := db.One(ctx, r, func(scan db.Scanner) (s Seen, err error) {
		err = scan(&s.Photo, &s.Address, &s.Other, &s.Ending, &s.By, db.At(&s.At), &s.Route)
		return s, err
	}, `SELECT photo, address, other, ending, seen_by, seen_at, route FROM identity_documents WHERE uuid = $1`, uuid)
	if err != nil {
		return s, fmt.Errorf("read identity documents: %w", err)
	}
	return s, nil
}
