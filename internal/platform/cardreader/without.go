//go:build !hsm

package cardreader

// Open says that this program has no PKCS#11.
func Open(string) (Card, error) { return nil, ErrNotBuilt }
