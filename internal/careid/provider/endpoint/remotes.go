package endpoint

import (
	"sync"

	"signpost/internal/careid/provider/client"
	"signpost/internal/platform/clock"
	"signpost/internal/platform/fetch"
	"signpost/internal/platform/jwt"
)

// remotes holds the key sets that clients publish, by their addresses.
type remotes struct {
	fetch *fetch.Client
	clock clock.Clock

	mu        sync.Mutex
	byAddress map[string]*jwt.Remote
}

// keysOf returns the public keys of a client: the registered ones, or those that it publishes.
func (m *remotes) keysOf(c client.Client) (jwt.Keys, error) {
	if c.JWKS != "" {
		return c.Keys()
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	remote, known := m.byAddress[c.JWKSURI]
	if !known {
		remote = jwt.NewRemote(c.JWKSURI, m.fetch, m.clock)
		m.byAddress[c.JWKSURI] = remote
	}
	return remote, nil
}
