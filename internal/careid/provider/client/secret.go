package client

import (
	"crypto/hmac"
	"time"

	"signpost/internal/platform/seal"
)

// Overlap is the longest time for which a client's old secret still works after a new one was made.
const Overlap = 7 * 24 * time.Hour

// secrets holds the keyed digests of a client's secrets: the newest, and the one before it while both work.
type secrets struct {
	current []byte
	made    time.Time
	old     []byte
	oldEnds time.Time
}

// at forgets an old secret that has ended.
func (s secrets) at(now time.Time) secrets {
	if !now.Before(s.oldEnds) {
		s.old = nil
		s.oldEnds = time.Time{}
	}
	return s
}

// HasSecret reports whether a secret belongs to the client.
func (c Client) HasSecret(box *seal.Box, secret string) bool {
	if secret == "" {
		return false
	}
	digest := digestOf(box, c.ID, secret)
	isCurrent := hmac.Equal(c.secrets.current, digest)
	isOld := hmac.Equal(c.secrets.old, digest) // compared in any case, so that the time taken shows nothing
	return isCurrent || isOld
}

// UsesSecret reports whether the client authenticates with a secret.
func (c Client) UsesSecret() bool {
	return c.AuthMethod == ClientSecretPost || c.AuthMethod == ClientSecretBasic
}

// SecretMade returns when the newest secret was made; zero if there is none, or it came from a file.
func (c Client) SecretMade() time.Time { return c.secrets.made }

// OldSecretEnds returns the time until which the previous secret works; zero if it does not.
func (c Client) OldSecretEnds() time.Time { return c.secrets.oldEnds }

// digestOf returns the digest that is stored for a secret; nil for an empty one.
func digestOf(box *seal.Box, id, secret string) []byte {
	if secret == "" {
		return nil
	}
	return box.Digest("client/" + id + "/" + secret)
}
