//go:build !hsm

package hsm

// Open says that this program has no PKCS#11.
func Open(Options) (Opened, error) { return nil, ErrNotBuilt }

// OpenSigner says that this program has no PKCS#11.
func OpenSigner(Options) (Signer, error) { return nil, ErrNotBuilt }
