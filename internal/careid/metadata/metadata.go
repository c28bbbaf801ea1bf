// Package metadata keeps what the FIDO Alliance publishes about models of authenticators: to which roots their
// attestations lead, how highly they are certified, and which of them are not to be trusted any more (FIDO Metadata
// Service 3.1.1).
//
// It reads a file that somebody fetched, and asks nobody over the network. It knows no credential and gives no level:
// package webauthn does, by what a model is worth.
package metadata

import (
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	fido "github.com/go-webauthn/webauthn/metadata"

	"signpost/internal/platform/fault"
	"signpost/internal/platform/jwt"
)

// Blob is one issue of the metadata.
type Blob struct {
	Number     int64     // counts up from issue to issue
	NextUpdate time.Time // when the next issue comes, at the latest
	Models     []Model
	Other      int // entries of authenticators of older protocols, which have no AAGUID
	Unread     []Unread
}

// Unread is an entry that cannot be used as it stands.
type Unread struct {
	AAGUID string
	Reason string
}

// Root gives the root to which the FIDO Alliance's own issues lead.
func Root() (*x509.Certificate, error) {
	der, err := base64.StdEncoding.DecodeString(fido.ProductionMDSRoot)
	if err != nil {
		return nil, fmt.Errorf("read root of the metadata: %w", err)
	}
	root, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("read root of the metadata: %w", err)
	}
	return root, nil
}

// blobAlgorithms are those that issues are signed with.
var blobAlgorithms = []jwt.Algorithm{jwt.RS256, jwt.ES256}

var (
	errNotSigned = fault.SayCure(fault.Invalid, "This file is no metadata that the FIDO Alliance signed.",
		"Fetch it again from https://mds3.fidoalliance.org, or name the root that signed it.")
	errNotRead = fault.SayCure(fault.Invalid, "This file is signed, but is no FIDO metadata.",
		"Fetch it again from https://mds3.fidoalliance.org.")
)

// payload is what is signed. Entries stay as they are written: what we do not know in them is kept.
type payload struct {
	Number     *int64            `json:"no"`
	NextUpdate string            `json:"nextUpdate"`
	Entries    []json.RawMessage `json:"entries"`
}

// Read reads an issue whose signature leads to one of some roots at a time.
func Read(text []byte, roots []*x509.Certificate, now time.Time) (Blob, error) {
	trusted := x509.NewCertPool()
	for _, root := range roots {
		trusted.AddCert(root)
	}
	signed, err := jwt.PayloadUnder(strings.TrimSpace(string(text)), blobAlgorithms, trusted, now)
	if err != nil {
		return Blob{}, fmt.Errorf("%w: %w", errNotSigned, err)
	}
	var p payload
	if err := json.Unmarshal(signed, &p); err != nil {
		return Blob{}, fmt.Errorf("%w: %w", errNotRead, err)
	}
	next, err := time.Parse(time.DateOnly, p.NextUpdate)
	if err != nil || p.Number == nil || len(p.Entries) == 0 {
		return Blob{}, errors.Join(errNotRead, err)
	}
	b := Blob{Number: *p.Number, NextUpdate: next}
	for _, text := range p.Entries {
		b.add(text)
	}
	return b, nil
}

// add takes an entry in.
func (b *Blob) add(text json.RawMessage) {
	var known struct {
		AAGUID string `json:"aaguid"`
	}
	if err := json.Unmarshal(text, &known); err != nil {
		b.Unread = append(b.Unread, Unread{Reason: err.Error()})
		return
	}
	if known.AAGUID == "" {
		b.Other++
		return
	}
	m, err := parse(text)
	if err != nil {
		b.Unread = append(b.Unread, Unread{AAGUID: known.AAGUID, Reason: err.Error()})
		return
	}
	b.Models = append(b.Models, m)
}

// parse reads an entry of a model.
func parse(text json.RawMessage) (Model, error) {
	var written fido.EntryJSON
	if err := json.Unmarshal(text, &written); err != nil {
		return Model{}, fmt.Errorf("read metadata of a model: %w", err)
	}
	entry, err := written.Parse()
	if err != nil {
		return Model{}, fmt.Errorf("read metadata of a model: %w", err)
	}
	if entry.AaGUID == [16]byte{} {
		return Model{}, errors.New("read metadata of a model: its AAGUID is all zeros")
	}
	return Model{entry: entry, text: text}, nil
}
