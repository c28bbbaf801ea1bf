package jwt

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/go-jose/go-jose/v4"
)

// ErrNoKey is a key id that a set does not hold.
var ErrNoKey = errors.New("no such key")

// Keys finds public keys: a Set at hand, or a Remote one.
type Keys interface {
	// Find gives the one public key with this id that works with the algorithm.
	Find(ctx context.Context, id string, a Algorithm) (any, error)
}

// Set is a set of public keys.
type Set struct {
	keys  []jose.JSONWebKey
	unfit []string // what is wrong with RSA keys that work with no algorithm
}

// NewSet makes a set of the public halves of keys.
func NewSet(keys ...Key) Set {
	var s Set
	for _, k := range keys {
		s.keys = append(s.keys, jose.JSONWebKey{
			Key: k.Public(), KeyID: k.ID, Algorithm: string(k.Algorithm), Use: "sig",
		})
	}
	return s
}

// ParseSet reads a JSON Web Key Set. Keys of kinds we do not use, or not meant for signatures, are left
// out; one that is secret makes the whole set unacceptable, for its owner has published it.
func ParseSet(text []byte) (Set, error) {
	var raw struct{ Keys []json.RawMessage }
	if err := json.Unmarshal(text, &raw); err != nil || raw.Keys == nil {
		return Set{}, errors.New(`read key set: it is not a JSON object with a list of "keys"`)
	}
	var s Set
	for n, one := range raw.Keys {
		if problem := unfit(n+1, one); problem != "" {
			s.unfit = append(s.unfit, problem)
		}
		var k jose.JSONWebKey
		if json.Unmarshal(one, &k) != nil {
			continue
		}
		if !k.IsPublic() {
			return Set{}, fmt.Errorf("read key set: key %.40q is not a public key", k.KeyID)
		}
		if verifies(one, k.Use) {
			s.keys = append(s.keys, k)
		}
	}
	return s, nil
}

// Len is the number of keys.
func (s Set) Len() int { return len(s.keys) }

// WorksWith reports whether any key of the set works with the algorithm.
func (s Set) WorksWith(a Algorithm) bool {
	return slices.ContainsFunc(s.keys, func(k jose.JSONWebKey) bool { return worksWith(k, a) })
}

func worksWith(k jose.JSONWebKey, a Algorithm) bool {
	return (k.Algorithm == "" || k.Algorithm == string(a)) && a.fits(k.Key)
}

// keyNames names the keys, for an operator's log.
func (s Set) keyNames() string {
	if len(s.keys) == 0 {
		return "no key"
	}
	var texts []string
	for _, k := range s.keys {
		texts = append(texts, fmt.Sprintf("%.80q (%s)", k.KeyID, kindOf(k)))
	}
	return strings.Join(texts[:min(len(texts), 5)], ", ")
}

// kindOf says what a key is for: its algorithm, or if it names none, its kind.
func kindOf(k jose.JSONWebKey) string {
	if k.Algorithm != "" {
		return k.Algorithm
	}
	return strings.TrimPrefix(fmt.Sprintf("%T", k.Key), "*")
}

// MarshalJSON writes the set as it is published.
func (s Set) MarshalJSON() ([]byte, error) {
	keys := s.keys
	if keys == nil {
		keys = []jose.JSONWebKey{}
	}
	return json.Marshal(jose.JSONWebKeySet{Keys: keys})
}

// Find gives the one key with this id that works with the algorithm. A token that names no key is taken
// only where there is no choice.
func (s Set) Find(_ context.Context, id string, a Algorithm) (any, error) {
	var found []any
	for _, k := range s.keys {
		if (id == "" || k.KeyID == id) && worksWith(k, a) {
			found = append(found, k.Key)
		}
	}
	switch len(found) {
	case 0:
		return nil, fmt.Errorf("%w: kid %.80q for %s; the set holds %s", ErrNoKey, id, a, s.keyNames())
	case 1:
		return found[0], nil
	}
	return nil, fmt.Errorf("kid %.80q names %d keys for %s", id, len(found), a)
}

// Algorithms names the algorithms of the set's keys, each once, in their order.
func (s Set) Algorithms() []string {
	var list []string
	for _, k := range s.keys {
		if !slices.Contains(list, k.Algorithm) {
			list = append(list, k.Algorithm)
		}
	}
	return list
}
