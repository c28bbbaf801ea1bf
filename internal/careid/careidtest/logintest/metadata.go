package logintest

import (
	"crypto/x509"

	"signpost/internal/careid/careidtest/makertest"
	"signpost/internal/careid/metadata"
	"signpost/internal/platform/db"
	"signpost/internal/platform/worldtest"
)

// The roots of the maker of the devices and of who publishes metadata, and the model that devices are of.
var (
	MakersRoot  = made(makertest.New("Root", nil, nil))
	publisher   = made(makertest.New("Publisher", nil, nil))
	publishesBy = made(makertest.New("Publisher's signer", publisher, nil))
	keyModel    = made(makertest.NewModel("Test key", MakersRoot))
)

// KeyModel gives the model that devices are of.
func KeyModel() makertest.Model { return keyModel }

// certifiedHighly is what the metadata says of the model of devices as long as a test says nothing else.
var certifiedHighly = makertest.Status{Status: "FIDO_CERTIFIED_L2", EffectiveDate: "2024-01-01"}

func made[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

// Publish has the world read an issue of the metadata that says of the model of devices what the statuses are, and
// judge credentials by it.
func (w *World) Publish(number int, statuses ...makertest.Status) {
	w.Helper()
	w.PublishEntries(number, keyModel.Entry(statuses...))
}

// PublishEntries is Publish with whatever entries.
func (w *World) PublishEntries(number int, entries ...map[string]any) {
	w.Helper()
	text := worldtest.Must(makertest.Blob(publishesBy, publisher, number, "2027-01-01", entries...))(w)
	b := worldtest.Must(metadata.Read([]byte(text), []*x509.Certificate{publisher.Certificate}, w.Clock.Now()))(w)
	w.Must(w.DB.Update(w.Context(), Desk, func(dw *db.W) error {
		_, err := metadata.Save(w.Context(), dw, b)
		return err
	}))
	w.JudgeAgain()
}

// JudgeAgain judges credentials as the hourly job does, and counts those with another level.
func (w *World) JudgeAgain() int {
	w.Helper()
	return worldtest.Must(w.Options.Ways.JudgeAgain(w.Context(), w.DB, Desk))(w)
}
