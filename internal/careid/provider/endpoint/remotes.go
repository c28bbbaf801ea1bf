package endpoint

import (
	"sync"

	"signpost/internal/careid/provider/client"
	"signpost/internal/platform/clock"
	"signpost/internal/platform/fetch"
	"signpost/internal/platform/jwt"
)

// remotes are the key sets that clients publish, by their addresses.
type remotes struct {
	fetch *fetch.Client
	clock clock.Clock

	mu sync.Mutex
	at map[string]*jwt.Remote
}

// keysOf gives the public keys of a client: those registered, or those it publishes.
func (m *remotes) keysOf(c client.Client) (jwt.Keys, error) {
	if c.JWKS != "" {
		return c.Keys()
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	remote, known := m.at[c.JWKSURI]
	if !known {
		remote = jwt.NewRemote(c.JWKSURI, m.fetch, m.clock)
		m.at[c.JWKSURI] = remote
	}
	return remote, nil
}
