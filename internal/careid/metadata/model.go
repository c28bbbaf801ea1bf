package metadata

import (
	"crypto/x509"
	"encoding/json"
	"fmt"
	"time"

	fido "github.com/go-webauthn/webauthn/metadata"
	"github.com/go-webauthn/webauthn/metadata/providers/memory"
)

// Model is what is published about one model of authenticator.
type Model struct {
	entry fido.Entry
	text  json.RawMessage // as it is written
}

// AAGUID is the number of the model, as RFC 9562 writes it.
func (m Model) AAGUID() string { return m.entry.AaGUID.String() }

// Name is what its maker calls it. It is for people to read: whoever copies it is believed nothing.
func (m Model) Name() string { return m.entry.MetadataStatement.Description }

// certified says which level each status certifies.
var certified = map[fido.AuthenticatorStatus]int{
	fido.FidoCertified: 1, fido.FidoCertifiedL1: 1, fido.FidoCertifiedL1plus: 1,
	fido.FidoCertifiedL2: 2, fido.FidoCertifiedL2plus: 2,
	fido.FidoCertifiedL3: 3, fido.FidoCertifiedL3plus: 3,
}

// Certified is the level at which a model is certified at a time, 1 to 3; 0 for none, and for a model that is not to be
// trusted. Of several certifications the newest counts, as the latest report is
// the current status (FIDO Metadata Service 3.1.1, StatusReport).
func (m Model) Certified(at time.Time) (level int) {
	if !m.trusted(at) {
		return 0
	}
	var since time.Time
	for _, report := range fido.EffectiveStatusReports(m.entry.StatusReports, at) {
		given, is := certified[report.Status]
		if !is && report.Status != fido.NotFidoCertified {
			continue
		}
		from := since // without a date it counts from where it stands in the list
		if report.EffectiveDate != nil {
			from = *report.EffectiveDate
		}
		if !from.Before(since) {
			level, since = given, from
		}
	}
	return level
}

// trusted reports whether nothing is known against a model at a time.
func (m Model) trusted(at time.Time) bool {
	against := fido.DefaultUndesiredAuthenticatorStatuses()
	return fido.ValidateStatusReportsAt(m.entry.StatusReports, nil, against, at) == nil
}

// LeadTo reports whether certificates, that of an attestation first, lead to a root of the model's maker, as of a time.
func (m Model) LeadTo(chain []*x509.Certificate, at time.Time) bool {
	if len(chain) == 0 {
		return false
	}
	o := m.entry.MetadataStatement.Verifier(chain[1:])
	o.CurrentTime = at
	_, err := chain[0].Verify(o)
	return err == nil
}

// Provider gives what holds a credential against what is published of this model, and takes none of any other. Whether
// it is trusted now, Certified tells; whether its maker attested it, LeadTo.
func (m Model) Provider() (fido.Provider, error) {
	alone := fido.Metadata{Parsed: fido.Parsed{Entries: []fido.Entry{m.entry}}}
	p, err := memory.New(
		memory.WithMetadata(alone.ToMap()),
		memory.WithValidateEntry(true),
		memory.WithValidateEntryPermitZeroAAGUID(false),
		memory.WithValidateTrustAnchor(false),
		memory.WithValidateAttestationTypes(true),
		memory.WithValidateAAGUID(true),
		memory.WithValidateAttestationFormats(true),
		memory.WithValidateAlgorithms(true),
		memory.WithValidateBackupEligibility(true),
		memory.WithValidateStatus(false),
	)
	if err != nil {
		return nil, fmt.Errorf("check attestations of %s: %w", m.AAGUID(), err)
	}
	return p, nil
}

// Unknown lists statuses of a model that this program does not know, which change nothing.
func (m Model) Unknown() (list []string) {
	for _, report := range m.entry.StatusReports {
		if !known[report.Status] {
			list = append(list, string(report.Status))
		}
	}
	return list
}

// known are the statuses of the standard.
var known = map[fido.AuthenticatorStatus]bool{
	fido.NotFidoCertified: true, fido.FidoCertified: true, fido.UserVerificationBypass: true,
	fido.AttestationKeyCompromise: true, fido.UserKeyRemoteCompromise: true, fido.UserKeyPhysicalCompromise: true,
	fido.UpdateAvailable: true, fido.Retired: true, fido.Revoked: true, fido.SelfAssertionSubmitted: true,
	fido.FidoCertifiedL1: true, fido.FidoCertifiedL1plus: true, fido.FidoCertifiedL2: true,
	fido.FidoCertifiedL2plus: true, fido.FidoCertifiedL3: true, fido.FidoCertifiedL3plus: true,
	fido.FIPS140CertifiedL1: true, fido.FIPS140CertifiedL2: true, fido.FIPS140CertifiedL3: true,
	fido.FIPS140CertifiedL4: true,
}
