package webauthn

import (
	"crypto/elliptic"
	"errors"
	"fmt"
	"math/big"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/protocol/webauthncbor"
	"github.com/go-webauthn/webauthn/protocol/webauthncose"
)

// The RSA keys that authenticators may have: moduli of 2048 to 4096 bits (FIDO Registry of Predefined Values §3.6.2
// names 2048; TPMs make up to 4096), with the one public exponent that TPMs make. A check of a signature by a larger
// key would cost seconds.
const (
	minModulusBits = 2048
	maxModulusBits = 4096
	onlyExponent   = 65537
)

// newKeyAlgorithms are the algorithms that a new credential may sign with, the preferred first.
var newKeyAlgorithms = []webauthncose.COSEAlgorithmIdentifier{webauthncose.AlgES256, webauthncose.AlgRS256}

// credentialParameters lists the algorithms for the browser.
func credentialParameters() []protocol.CredentialParameter {
	var list []protocol.CredentialParameter
	for _, algorithm := range newKeyAlgorithms {
		parameter := protocol.CredentialParameter{Type: protocol.PublicKeyCredentialType, Algorithm: algorithm}
		list = append(list, parameter)
	}
	return list
}

// checkPublicKey refuses any public key, in COSE form, but ES256 on P-256 and RS256 of a usual size. It costs nothing
// worth counting, whatever the key: it has to be asked before any signature is checked with the key.
func checkPublicKey(key []byte) error {
	var head webauthncose.PublicKeyData
	if err := webauthncbor.Unmarshal(key, &head); err != nil {
		return fmt.Errorf("read public key: %w", err)
	}
	kind := webauthncose.COSEKeyType(head.KeyType)
	switch algorithm := webauthncose.COSEAlgorithmIdentifier(head.Algorithm); {
	case kind == webauthncose.EllipticKey && algorithm == webauthncose.AlgES256:
		return checkEllipticKey(key)
	case kind == webauthncose.RSAKey && algorithm == webauthncose.AlgRS256:
		return checkRSAKey(key)
	default:
		return fmt.Errorf("public key: type %d with algorithm %d is not accepted", head.KeyType, head.Algorithm)
	}
}

func checkEllipticKey(key []byte) error {
	var data webauthncose.EC2PublicKeyData
	if err := webauthncbor.Unmarshal(key, &data); err != nil {
		return fmt.Errorf("read elliptic public key: %w", err)
	}
	const coordinateBytes = 32
	if webauthncose.COSEEllipticCurve(data.Curve) != webauthncose.P256 ||
		len(data.XCoord) != coordinateBytes || len(data.YCoord) != coordinateBytes {
		return errors.New("public key: not a point of P-256")
	}
	x := new(big.Int).SetBytes(data.XCoord)
	y := new(big.Int).SetBytes(data.YCoord)
	if !elliptic.P256().IsOnCurve(x, y) { //nolint:staticcheck // the key is checked, nothing is computed with it
		return errors.New("public key: the point is not on P-256")
	}
	return nil
}

func checkRSAKey(key []byte) error {
	var data webauthncose.RSAPublicKeyData
	if err := webauthncbor.Unmarshal(key, &data); err != nil {
		return fmt.Errorf("read RSA public key: %w", err)
	}
	bits := new(big.Int).SetBytes(data.Modulus).BitLen()
	if bits < minModulusBits || bits > maxModulusBits {
		return fmt.Errorf("public key: RSA of %d bits, not %d to %d", bits, minModulusBits, maxModulusBits)
	}
	exponent, err := webauthncose.ParseRSAPublicKeyDataExponent(&data)
	if err != nil || exponent != onlyExponent {
		return fmt.Errorf("public key: RSA with the exponent %x, not %d", data.Exponent, onlyExponent)
	}
	return nil
}
