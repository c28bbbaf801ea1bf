package metadata

import (
	"context"
	"encoding/json"
	"fmt"

	"signpost/internal/platform/db"
)

// wellKnown names what keeps credentials in phones, computers and browsers, which the FIDO Alliance's metadata has not.
// The names are for people to read: anything can say that it is one of these.
var wellKnown = map[string]string{
	"08987058-cadc-4b81-b6e1-30de50dcbe96": "Windows Hello",
	"9ddd1817-af5a-4672-a2b9-3e3dd95000a9": "Windows Hello",
	"6028b017-b1d4-4c02-b4b3-afcdafc96bb2": "Windows Hello",
	"fbfc3007-154e-4ecc-8c0b-6e020557d7bd": "Apple Passwords",
	"dd4ec289-e01d-41c9-bb89-70fa845d4bf2": "iCloud Keychain (managed)",
	"ea9b8d66-4d01-1d21-3ce4-b6b48cb575d4": "Google Password Manager",
	"adce0002-35bc-c60a-648b-0b25f1f05503": "Chrome on Mac",
	"771b48fd-d3d4-4f74-9232-fc157ab0507a": "Edge on Mac",
	"53414d53-554e-4700-0000-000000000000": "Samsung Pass",
	"d3452668-01fd-4c12-926c-83a4204853aa": "Microsoft Password Manager",
}

// Look is how a model is shown to people. It decides nothing.
type Look struct {
	Name string
	Icon string // the data: address of a PNG; empty if there is none
}

// Names gives what models are called, by their AAGUIDs: by their makers in the metadata, else as they are well known.
// One that nobody knows is left out. Names are for people to read and decide nothing.
func Names(ctx context.Context, r db.R, aaguids []string) (map[string]string, error) {
	published, err := publishedOf(ctx, r, aaguids)
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	for _, aaguid := range aaguids {
		if m, is := published[aaguid]; is {
			names[aaguid] = m.Name()
		} else if name, known := wellKnown[aaguid]; known {
			names[aaguid] = name
		}
	}
	return names, nil
}

// Looks gives the names of models as Names does, with the icons that their makers publish.
func Looks(ctx context.Context, r db.R, aaguids []string) (map[string]Look, error) {
	published, err := publishedOf(ctx, r, aaguids)
	if err != nil {
		return nil, err
	}
	looks := map[string]Look{}
	for _, aaguid := range aaguids {
		if m, is := published[aaguid]; is {
			looks[aaguid] = Look{m.Name(), m.Icon()}
		} else if name, known := wellKnown[aaguid]; known {
			looks[aaguid] = Look{Name: name}
		}
	}
	return looks, nil
}

// publishedOf reads the models that are published, by their AAGUIDs.
func publishedOf(ctx context.Context, r db.R, aaguids []string) (map[string]Model, error) {
	var args db.Arguments
	list, err := db.All(ctx, r, db.Column[string], `SELECT entry FROM metadata_model WHERE entry <> '' AND aaguid IN (`+
		db.AddEach(&args, aaguids)+`)`, args.List()...)
	if err != nil {
		return nil, fmt.Errorf("read names of models: %w", err)
	}
	models := map[string]Model{}
	for _, text := range list {
		m, err := parse(json.RawMessage(text))
		if err != nil {
			return nil, err
		}
		models[m.AAGUID()] = m
	}
	return models, nil
}
