package identity

import (
	"fmt"
	"strings"
	"unicode"

	"signpost/internal/national/ods"
	"signpost/internal/platform/fault"
)

// Kind is a sort of care identity.
type Kind string

// The kinds. Robots and temporary cards belong to an organisation and are no persons.
const (
	Standard    Kind = "standard"     // its documents were seen
	Migrated    Kind = "migrated"     // brought from elsewhere, its documents were not seen yet
	SelfCreated Kind = "self-created" // made by its owner
	Robot       Kind = "robot"        // a program that does what a person would
	Card        Kind = "temporary-card"
)

var kindTexts = map[Kind]string{
	Standard: "Person", Migrated: "Person, brought from an earlier system", SelfCreated: "Person, made by themselves",
	Robot: "Robot", Card: "Temporary access card",
}

// Kinds lists them.
func Kinds() []Kind { return []Kind{Standard, Migrated, SelfCreated, Robot, Card} }

// Text says what the kind is.
func (k Kind) Text() string { return kindTexts[k] }

// Organisational reports whether an identity of the kind is an organisation's and no person's: no documents of it can
// be seen.
func (k Kind) Organisational() bool { return k == Robot || k == Card }

// Origin is where an identity comes from.
type Origin string

// The origins. Of identities from before they were noted none is known.
const (
	ByAuthority   Origin = "authority" // made by a registration authority, face to face
	ByApplication Origin = "application"
	ByStaffRecord Origin = "staff-record"
	ByMigration   Origin = "migration"
	ByOwner       Origin = "owner"
	ByOperator    Origin = "operator" // made by whoever runs the system
)

var originTexts = map[Origin]string{
	ByAuthority: "Made by a registration authority, face to face", ByApplication: "Apply for Care ID",
	ByStaffRecord: "Electronic Staff Record", ByMigration: "Brought from an earlier system",
	ByOwner: "Made by the person", ByOperator: "Made by whoever runs this system",
}

// Origins lists them.
func Origins() []Origin {
	return []Origin{ByAuthority, ByApplication, ByStaffRecord, ByMigration, ByOwner, ByOperator}
}

// Text says where the identity comes from.
func (o Origin) Text() string {
	if text := originTexts[o]; text != "" {
		return text
	}
	return "How it was made is not recorded"
}

const cardMark = "TAC" // between the code and the name of a temporary access card, as nationally

// CardName gives the name of a temporary access card: the code of its organisation, TAC, and the name that somebody
// chose for it, which begins with two letters.
func CardName(organisation, chosen string) (string, error) {
	code, err := ods.Parse(organisation)
	if err != nil {
		return "", fault.OfField("organisation", "Enter the ODS code of the organisation that the card belongs to")
	}
	chosen = strings.TrimSpace(chosen)
	letters := 0
	for _, c := range chosen {
		if !unicode.IsLetter(c) {
			break
		}
		letters++
	}
	const minCardLetters = 2
	if letters < minCardLetters {
		return "", fault.OfField("name", fmt.Sprintf("Enter a name that begins with %d letters", minCardLetters))
	}
	return string(code) + cardMark + chosen, nil
}
