package credentialtest

import (
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/binary"
	"slices"
)

// What a chip says of a key in its attributes (TPM 2.0 part 2, section 8.3).
const (
	FixedTPM    = 1 << 1 // it cannot leave this chip
	FixedParent = 1 << 4 // it cannot leave what it is kept under
	MadeInside  = 1 << 5 // the chip made it
	hello       = FixedTPM | FixedParent | MadeInside | 1<<6 | 1<<10
)

// Chip is what a computer's chip says of a key (WebAuthn section 8.3), while it is made.
type Chip struct {
	Version    string
	Algorithm  int    // of the attestation
	Attributes uint32 // of the key
	Public     []byte // the key, as chips write it; made from the rest where it is empty
	Magic      uint32
	Type       uint16
	ExtraData  []byte
	Name       []byte // of the key; made from it where it is empty
	Chain      []*Certificate
}

// TPM attests by a computer's chip, with its identity; more certificates may stand behind that.
func TPM(identity *Certificate, change func(*Chip), more ...*Certificate) Attest {
	return func(c *Ceremony) (string, Map) {
		digest := sha256.Sum256(c.Signed())
		chip := Chip{
			Version: "2.0", Algorithm: AlgorithmOf(identity.Key), Attributes: hello, Magic: 0xff544347,
			Type: 0x8017, ExtraData: digest[:], Chain: append([]*Certificate{identity}, more...),
		}
		if change != nil {
			change(&chip)
		}
		if chip.Public == nil {
			chip.Public = publicArea(c.Device, chip.Attributes)
		}
		if chip.Name == nil {
			chip.Name = nameOf(chip.Public)
		}
		info := chip.info()
		return "tpm", Map{
			{"ver", chip.Version}, {"alg", chip.Algorithm}, {"x5c", chain(chip.Chain)},
			{"sig", Sign(identity.Key, info)}, {"certInfo", info}, {"pubArea", chip.Public},
		}
	}
}

const (
	sha256Algorithm = 0x000b
	noAlgorithm     = 0x0010
)

// PublicArea writes the device's public key as chips do, with usual attributes.
func PublicArea(d *Device) []byte { return publicArea(d, hello) }

func publicArea(d *Device, attributes uint32) []byte {
	const rsaKind, eccKind, nistP256 = 0x0001, 0x0023, 0x0003
	var kind uint16
	var parameters, unique []byte
	switch public := d.Key.Public().(type) {
	case *rsa.PublicKey:
		kind = rsaKind
		parameters = words(noAlgorithm, noAlgorithm, uint16(public.N.BitLen()), 0, 0)
		unique = sized(public.N.Bytes())
	case *ecdsa.PublicKey:
		kind = eccKind
		parameters = words(noAlgorithm, noAlgorithm, nistP256, noAlgorithm)
		x, y := coordinates(public)
		unique = append(sized(x), sized(y)...)
	}
	head := binary.BigEndian.AppendUint32(words(kind, sha256Algorithm), attributes)
	return slices.Concat(head, sized(nil), parameters, unique)
}

// nameOf is the name of a key: its digest, behind the algorithm of that.
func nameOf(public []byte) []byte {
	digest := sha256.Sum256(public)
	return append(words(sha256Algorithm), digest[:]...)
}

// info writes what the chip signs.
func (c Chip) info() []byte {
	head := binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint32(nil, c.Magic), c.Type)
	signer := sized(nameOf([]byte("identity")))
	clock := make([]byte, 8+4+4+1)
	firmware := make([]byte, 8)
	return slices.Concat(head, signer, sized(c.ExtraData), clock, firmware, sized(c.Name), sized(nameOf(nil)))
}

func words(list ...uint16) (out []byte) {
	for _, w := range list {
		out = binary.BigEndian.AppendUint16(out, w)
	}
	return out
}

func sized(b []byte) []byte { return append(words(uint16(len(b))), b...) }
