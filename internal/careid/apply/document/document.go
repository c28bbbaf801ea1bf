// Package document says what an applicant sends to prove who they are, what may be wrong with it and how that is
// mended, and what a picture of it is held to. A service that looks at documents plugs in as a Checker.
//
// It knows neither applications nor databases.
package document

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"signpost/internal/careid/identity"
	"signpost/internal/careid/identity/photo"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/picture"
)

// Item is one thing that a checker accepts or refuses.
type Item string

// The items, in the order in which they are looked at.
const (
	Details    Item = "details" // name, birth date and National Insurance number
	PhotoID    Item = "photo-id"
	Face       Item = "face"
	AddressOne Item = "address-1"
	AddressTwo Item = "address-2"
	CardPhoto  Item = "card-photo"
)

// Items lists the items.
var Items = []Item{Details, PhotoID, Face, AddressOne, AddressTwo, CardPhoto}

var itemNames = map[Item]string{
	Details: "Name and birth date", PhotoID: "Photo identity document", Face: "Picture of the face",
	AddressOne: "First proof of address", AddressTwo: "Second proof of address", CardPhoto: "Photo for a smartcard",
}

// Name names the item for people.
func (i Item) Name() string { return itemNames[i] }

// Shot is a picture that an applicant sends.
type Shot string

// The pictures.
const (
	Front   Shot = "id-front"
	Back    Shot = "id-back"
	OfFace  Shot = "face"
	ProofA  Shot = "address-1"
	ProofB  Shot = "address-2"
	ForCard Shot = "card-photo"
)

// Shots lists the pictures, in the order in which they are asked for.
var Shots = []Shot{Front, Back, OfFace, ProofA, ProofB, ForCard}

var shotItems = map[Shot]Item{
	Front: PhotoID, Back: PhotoID, OfFace: Face, ProofA: AddressOne, ProofB: AddressTwo, ForCard: CardPhoto,
}

// Item gives what the picture belongs to.
func (s Shot) Item() Item { return shotItems[s] }

// Valid reports whether it is one of the pictures.
func (s Shot) Valid() bool { return shotItems[s] != "" }

// HasBack reports whether a photo identity document has a back that says something: a passport is one page.
func HasBack(kind string) bool { return kind != "" && kind != "passport" }

// Reason is why an item is refused.
type Reason string

// The reasons, as they are published.
const (
	Unlisted   Reason = "unlisted"
	Expired    Reason = "expired"
	Mismatch   Reason = "mismatch"
	OtherFace  Reason = "face"
	Unsuitable Reason = "unsuitable"
	Blurred    Reason = "blurred"
	CutOff     Reason = "cut-off"
	NoOriginal Reason = "no-original"
)

// Fault is a reason in words, with what the applicant does about it.
type Fault struct {
	Reason Reason
	Text   string
	Cure   string
	Items  []Item // of which it may be said
}

var documents = []Item{PhotoID, AddressOne, AddressTwo}

// Faults lists the reasons.
var Faults = []Fault{
	{Unlisted, "The document is not one of those accepted",
		"Send one of the documents that the page lists.", documents},
	{Expired, "The document has expired",
		"Send one that is valid. A passport may have expired up to 6 months ago.", documents},
	{Mismatch, "The name or birth date does not match the document",
		"Enter your name and birth date as they stand on the photo document. If your invitation has another name, " +
			"ask whoever invited you to correct it.", []Item{Details, PhotoID, AddressOne, AddressTwo}},
	{OtherFace, "The face does not match the document, or is not clear",
		"Take the picture of your face in good light, facing forward, with nothing over your face.", []Item{Face}},
	{Unsuitable, "The photo cannot be used on a smartcard",
		"Send a photo of your head and shoulders, in focus, facing forward, against a plain background.",
		[]Item{CardPhoto}},
	{Blurred, "The picture is blurred",
		"Put the document on a table in good light, hold the telephone still, and take the picture again.", documents},
	{CutOff, "Part of the document is not in the picture",
		"Take the picture again, with all four corners of the document in it.", documents},
	{NoOriginal, "The picture is not of the original document",
		"Take a picture of the document itself, not of a screen, a photocopy or a screenshot.",
		[]Item{PhotoID, Face, AddressOne, AddressTwo}},
}

// Of gives a reason in words, if it may be said of an item.
func Of(i Item, r Reason) (Fault, bool) {
	at := slices.IndexFunc(Faults, func(f Fault) bool { return f.Reason == r && slices.Contains(f.Items, i) })
	if at < 0 {
		return Fault{}, false
	}
	return Faults[at], true
}

// Refusals say which items are refused, and why. Those that are not there are accepted.
type Refusals map[Item]Reason

// Check says what is wrong with refusals.
func (r Refusals) Check() error {
	for item, reason := range r {
		if _, known := Of(item, reason); !known {
			return fault.OfField(string(item), "Select one of the reasons listed")
		}
	}
	return nil
}

// Rules are what a picture of a document is held to: its words have to be readable.
var Rules = picture.Rules{MaxBytes: 10 << 20, MaxPixels: 50_000_000, MinSide: 500, Side: 1600, Quality: 80}

// Draw reads a picture that an applicant sent, and draws it anew as a JPEG of the picture alone.
func Draw(s Shot, sent []byte) ([]byte, error) {
	rules := Rules
	if s == ForCard {
		rules = photo.Rules
		rules.MaxBytes = Rules.MaxBytes
		rules.MaxPixels = Rules.MaxPixels
	}
	drawn, err := picture.Draw(sent, rules)
	if err == nil {
		return drawn.JPEG, problemOf(drawn.Look)
	}
	for problem, message := range map[error]string{
		picture.ErrFormat: "Choose a picture as a JPEG or PNG file that is not damaged",
		picture.ErrBytes:  fmt.Sprintf("The file must be smaller than %d MB", rules.MaxBytes>>20),
		picture.ErrSmall: fmt.Sprintf("The picture must be at least %d by %d pixels. Go nearer and take it again",
			rules.MinSide, rules.MinSide),
		picture.ErrLarge: "The picture has too many pixels. Choose a smaller size in the camera’s settings",
		picture.ErrShape: "The photo must be nearly square. Cut it to head and shoulders",
	} {
		if errors.Is(err, problem) {
			return nil, fault.OfField("picture", message)
		}
	}
	return nil, err
}

// problemOf says what to do about a picture in which nothing can be seen.
func problemOf(l picture.Look) error {
	switch {
	case l.TooDark():
		return fault.OfField("picture", "The picture is too dark. Take it again with more light")
	case l.TooBright():
		return fault.OfField("picture", "The picture is too bright. Take it again away from the light")
	case l.Blurred():
		return fault.OfField("picture", "The picture is blurred. Hold the camera still, and take it again")
	}
	return nil
}

// Evidence is all that an applicant said and sent.
type Evidence struct {
	Application string
	Invited     string // the name that the inviter typed

	GivenName, MiddleNames, FamilyName string // as the applicant typed them
	BirthDate                          string // as 1980-12-31

	Documents identity.Documents
	Pictures  map[Shot][]byte // JPEG
}

// Checker is a service that looks at documents before a person does. What it refuses is shown to that person, who
// decides.
type Checker interface {
	Check(ctx context.Context, e Evidence) (Refusals, error)
}
