package credentialtest

import (
	"encoding/binary"
	"fmt"
)

// Pair is an entry of a Map.
type Pair struct{ Key, Value any }

// Map is a map in CBOR whose entries are written in the order in which they stand.
type Map []Pair

// Raw stands in CBOR as it is.
type Raw []byte

// With gives a copy of the map in which a key has a value, in its place or at the end.
func (m Map) With(key, value any) Map {
	changed := append(Map{}, m...)
	for i, p := range changed {
		if p.Key == key {
			changed[i].Value = value
			return changed
		}
	}
	return append(changed, Pair{key, value})
}

// Without gives a copy of the map without a key.
func (m Map) Without(key any) Map {
	var changed Map
	for _, p := range m {
		if p.Key != key {
			changed = append(changed, p)
		}
	}
	return changed
}

// At gives the value of a key; nil if there is none.
func (m Map) At(key any) any {
	for _, p := range m {
		if p.Key == key {
			return p.Value
		}
	}
	return nil
}

// The major types of CBOR (RFC 8949 section 3.1).
const (
	unsigned = iota
	negative
	octets
	text
	array
	pairs
	_
	simple
)

// CBOR writes a value in CBOR, each length in its shortest form (RFC 8949). It knows what attestations are made of.
func CBOR(value any) []byte {
	switch v := value.(type) {
	case Raw:
		return v
	case int:
		if v < 0 {
			return head(negative, -1-v)
		}
		return head(unsigned, v)
	case []byte:
		return append(head(octets, len(v)), v...)
	case string:
		return append(head(text, len(v)), v...)
	case bool:
		if v {
			return head(simple, 21)
		}
		return head(simple, 20)
	case nil:
		return head(simple, 22)
	case []any:
		out := head(array, len(v))
		for _, one := range v {
			out = append(out, CBOR(one)...)
		}
		return out
	case Map:
		out := head(pairs, len(v))
		for _, p := range v {
			out = append(out, CBOR(p.Key)...)
			out = append(out, CBOR(p.Value)...)
		}
		return out
	}
	panic(fmt.Sprintf("cannot write %T in CBOR", value))
}

// head writes a major type with its number.
func head(major byte, number int) []byte {
	const (
		inOneByte  = 24
		inTwoBytes = 25
		inFour     = 26
	)
	n := uint64(number)
	switch {
	case n < inOneByte:
		return []byte{major<<5 | byte(n)}
	case n < 1<<8:
		return []byte{major<<5 | inOneByte, byte(n)}
	case n < 1<<16:
		return binary.BigEndian.AppendUint16([]byte{major<<5 | inTwoBytes}, uint16(n))
	default:
		return binary.BigEndian.AppendUint32([]byte{major<<5 | inFour}, uint32(n))
	}
}
