package webauthn

import (
	"crypto/x509"
	"fmt"

	"github.com/go-webauthn/webauthn/protocol"

	"signpost/internal/platform/certificate"
)

// maxResponseBytes bounds the response in an attestation of the format android-safetynet, which has its certificates
// within itself.
const maxResponseBytes = 16 << 10

// checkStatement refuses an attestation by a key with which a check of its signature would take long. It is asked
// before any of its signatures is checked, as anybody can write one.
func checkStatement(o protocol.AttestationObject) error {
	if err := usualKeys(o.AttStatement); err != nil {
		return err
	}
	for _, part := range o.SubStatements {
		if err := usualKeys(part.AttStatement); err != nil {
			return err
		}
	}
	return nil
}

func usualKeys(statement map[string]any) error {
	if response, _ := statement["response"].([]byte); len(response) > maxResponseBytes {
		return fmt.Errorf("the response has %d bytes", len(response))
	}
	list, _ := statement["x5c"].([]any)
	for _, each := range list {
		der, _ := each.([]byte)
		c, err := x509.ParseCertificate(der)
		if err != nil {
			continue // no signature is checked by what cannot be read
		}
		if err := certificate.UsualKey(c.PublicKey); err != nil {
			return err
		}
	}
	return nil
}
