package client

import (
	"crypto/hmac"
	"time"

	"signpost/internal/platform/seal"
)

// Overlap is the longest time for which a client's old secret still opens after a new one was made.
const Overlap = 7 * 24 * time.Hour

// secrets are the keyed digests of a client's secrets: the newest, and the one before it for as long as
// both hold.
type secrets struct {
	current []byte
	made    time.Time
	old     []byte
	oldEnds time.Time
}

// at forgets an old secret that has ended.
func (s secrets) at(now time.Time) secrets {
	if !now.Before(s.oldEnds) {
		s.old, s.oldEnds = nil, time.Time{}
	}
	return s
}

// HasSecret reports whether a secret is the client's own.
func (c Client) HasSecret(box *seal.Box, secret string) bool {
	if secret == "" {
		return false
	}
	digest := digestOf(box, c.ID, secret)
	current, old := hmac.Equal(c.secrets.current, digest), hmac.Equal(c.secrets.old, digest)
	return current || old
}

// UsesSecret reports whether the client proves itself with a secret.
func (c Client) UsesSecret() bool {
	return c.AuthMethod == ClientSecretPost || c.AuthMethod == ClientSecretBasic
}

// SecretMade says when the newest secret was made; zero if there is none, or it came from a file.
func (c Client) SecretMade() time.Time { return c.secrets.made }

// OldSecretEnds says until when the secret before the newest one still opens; zero if it does not.
func (c Client) OldSecretEnds() time.Time { return c.secrets.oldEnds }

// digestOf is what is kept of a secret; nothing of none.
func digestOf(box *seal.Box, id, secret string) []byte {
	if secret == "" {
		return nil
	}
	return box.Digest("client/" + id + "/" + secret)
}
