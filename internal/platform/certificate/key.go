package certificate

import (
	"crypto/rsa"
	"fmt"
)

// maxRSABits is the length above which an RSA key is not used, as in TLS: a check of a signature takes time by the cube
// of the length, and some who bring keys have shown nothing yet.
const maxRSABits = 8192

// UsualKey refuses a public key with which a check of a signature would take long. It is asked before any signature is
// checked by a key that somebody brings.
func UsualKey(key any) error {
	if r, is := key.(*rsa.PublicKey); is && r.N.BitLen() > maxRSABits {
		return fmt.Errorf("the RSA key has %d bits, more than %d", r.N.BitLen(), maxRSABits)
	}
	return nil
}
