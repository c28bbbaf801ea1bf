package webauthn

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/google/go-tpm/tpm2"
)

// This file refuses what the library reads more leniently than the standard has it written
// (docs/decisions/155-spoiled-ceremonies.md).

// clientDataNames are the fields of client data that mean something (WebAuthn section 5.8.1).
var clientDataNames = []string{"type", "challenge", "origin", "crossOrigin", "topOrigin", "tokenBinding"}

// checkClientData refuses client data in which a field stands twice or in other letters: two programs that read it
// would not agree on what was signed.
func checkClientData(text []byte) error {
	d := json.NewDecoder(bytes.NewReader(text))
	if start, err := d.Token(); err != nil || start != json.Delim('{') {
		return errors.New("client data: no object")
	}
	seen := map[string]bool{}
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return fmt.Errorf("read client data: %w", err)
		}
		name, _ := token.(string)
		for _, known := range clientDataNames {
			if name != known && strings.EqualFold(name, known) {
				return fmt.Errorf("client data: %q, not %q", name, known)
			}
		}
		if seen[name] {
			return fmt.Errorf("client data: %q twice", name)
		}
		seen[name] = true
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return fmt.Errorf("read client data: %w", err)
		}
	}
	return nil
}

// statements says what may stand in a statement of each format that is accepted (WebAuthn section 8). Of the
// others, android-safetynet is retired, and compound is made by nothing that anybody here would bind.
var statements = map[protocol.AttestationFormat][]string{
	protocol.AttestationFormatNone:                      {},
	protocol.AttestationFormatPacked:                    {"alg", "sig", "x5c"},
	protocol.AttestationFormatTPM:                       {"ver", "alg", "x5c", "sig", "certInfo", "pubArea"},
	protocol.AttestationFormatAndroidKey:                {"alg", "sig", "x5c"},
	protocol.AttestationFormatFIDOUniversalSecondFactor: {"x5c", "sig"},
	protocol.AttestationFormatApple:                     {"alg", "x5c"},
}

// minCredentialIDBytes is the least that makes it unlikely to guess one or to make one twice (WebAuthn section 4).
const minCredentialIDBytes = 16

// checkAttestation refuses an attestation that is not written as its format has it, whatever it is signed with.
func checkAttestation(o protocol.AttestationObject) error {
	format := protocol.AttestationFormat(o.Format)
	names, accepted := statements[format]
	switch data := o.AuthData.AttData; {
	case !accepted:
		return fmt.Errorf("attestation: format %q is not accepted", o.Format)
	case o.AttStatement == nil:
		return errors.New("attestation: no statement")
	case len(data.CredentialID) < minCredentialIDBytes:
		return fmt.Errorf("attestation: an id of %d bytes", len(data.CredentialID))
	case format == protocol.AttestationFormatFIDOUniversalSecondFactor && [16]byte(data.AAGUID) != [16]byte{}:
		return errors.New("attestation: a key of the time before FIDO2 that names a model")
	}
	for name := range o.AttStatement {
		if !slices.Contains(names, name) {
			return fmt.Errorf("attestation: %q in a statement of format %q", name, o.Format)
		}
	}
	if list, there := o.AttStatement["x5c"]; there {
		if certificates, is := list.([]any); !is || len(certificates) == 0 {
			return errors.New("attestation: no list of certificates")
		}
	}
	if format == protocol.AttestationFormatTPM {
		_, err := chipOf(o)
		return err
	}
	return nil
}

// chipOf reads what a computer's chip says of a key. Every byte of it has to mean something.
func chipOf(o protocol.AttestationObject) (key *tpm2.TPMTPublic, err error) {
	public, _ := o.AttStatement["pubArea"].([]byte)
	key, err = tpm2.Unmarshal[tpm2.TPMTPublic](public)
	if err != nil {
		return nil, fmt.Errorf("read key of chip: %w", err)
	}
	signed, _ := o.AttStatement["certInfo"].([]byte)
	info, err := tpm2.Unmarshal[tpm2.TPMSAttest](signed)
	if err != nil {
		return nil, fmt.Errorf("read what the chip signed: %w", err)
	}
	if !bytes.Equal(tpm2.Marshal(*key), public) || !bytes.Equal(tpm2.Marshal(*info), signed) {
		return nil, errors.New("attestation of chip: more bytes than it says")
	}
	return key, nil
}

// mayLeaveChip reports whether a key of a computer's chip may be copied out of it, came into it from elsewhere, or says
// neither in a way that can be read. A chip certifies any key that it can use (TPM 2.0 part 3, TPM2_Certify).
func mayLeaveChip(o protocol.AttestationObject) bool {
	key, err := chipOf(o)
	if err != nil {
		return true
	}
	says := key.ObjectAttributes
	return !says.FixedTPM || !says.FixedParent || !says.SensitiveDataOrigin
}
