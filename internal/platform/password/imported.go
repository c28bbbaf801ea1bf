package password

import (
	"cmp"
	"encoding/base64"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/go-crypt/crypt"
	"github.com/go-crypt/crypt/algorithm"
	"github.com/go-crypt/crypt/algorithm/argon2"
	"github.com/go-crypt/crypt/algorithm/bcrypt"
	"github.com/go-crypt/crypt/algorithm/pbkdf2"
	"github.com/go-crypt/crypt/algorithm/shacrypt"
	standard "golang.org/x/crypto/bcrypt"

	"signpost/internal/platform/fault"
)

// Limits on the hashes of older systems, far above what any of them uses by default. A hash that asks for more would
// keep the machine busy at every sign-in, right or wrong.
const (
	minBcrypt       = 4
	maxBcrypt       = 14 // about a second
	maxPBKDF2       = 2_000_000
	minSHACrypt     = 1_000 // less means 1,000 to some systems and less to others
	maxSHACrypt     = 1_000_000
	usualSHACrypt   = 5_000 // where a hash does not say it
	maxArgonKiB     = 128 << 10
	maxArgonPasses  = 8
	maxArgonLanes   = 16
	minKeyBytes     = 16
	maxKeyBytes     = 64
	maxSaltBytes    = 128
	maxImportedText = 512
)

// withoutHash is what an account can do that came without a password.
const withoutHash = "the person then links their Care Identity with a code from their administrator, as there is no " +
	"password to log in with or to replace."

// What can be wrong with a hash of another system.
var (
	errUnknownHash = fault.SayCure(fault.Invalid, "The password hash is of a kind that cannot be checked here.",
		"Export bcrypt, PBKDF2 (SHA-256 or SHA-512), SHA-512-crypt, argon2id or argon2i, or leave it empty: "+
			withoutHash)
	errBrokenHash = fault.SayCure(fault.Invalid, "The password hash is not complete.",
		"Export it again as it stands in the database, or leave it empty: "+withoutHash)
	errDearHash = fault.SayCure(fault.Invalid, "The password hash takes too long to check.",
		"Leave it empty: "+withoutHash)
)

// scheme is one kind of hash of an older system: its form, the limits of its cost, and about how long it takes to check
// on a machine of today. The functions get what the form has found.
type scheme struct {
	form   *regexp.Regexp
	limit  func(parts []string) error
	reckon func(parts []string) time.Duration
}

// Letters of base64, as the modular crypt format has it, and as it usually is.
const (
	crypt64 = `[./A-Za-z0-9]`
	usual64 = `[+/A-Za-z0-9]`
	cost    = `(\d{1,9})`
)

var schemes = []scheme{
	{regexp.MustCompile(`^\$2[aby]\$(\d\d)\$` + crypt64 + `{53}$`), limitBcrypt, reckonBcrypt},
	{regexp.MustCompile(`^\$pbkdf2(?:-sha(?:1|224|256|384|512))?\$` + cost +
		`\$(` + crypt64 + `*)\$(` + crypt64 + `+)$`), limitPBKDF2, reckonPBKDF2},
	{regexp.MustCompile(`^\$5\$(?:rounds=` + cost + `\$)?` + crypt64 + `{1,16}\$` + crypt64 + `{43}$`),
		limitSHACrypt, reckonSHACrypt},
	{regexp.MustCompile(`^\$6\$(?:rounds=` + cost + `\$)?` + crypt64 + `{1,16}\$` + crypt64 + `{86}$`),
		limitSHACrypt, reckonSHACrypt},
	{regexp.MustCompile(`^\$argon2(?:id|i)\$v=19\$m=` + cost + `,t=` + cost + `,p=` + cost +
		`\$(` + usual64 + `+)\$(` + usual64 + `+)$`), limitArgon, reckonArgon},
}

// Import gives a hash of another system in the form in which Check reads it, or a fault that says why it cannot be
// checked. Nobody's password is read or tried.
func Import(hash string) (string, error) {
	hash = strings.TrimSpace(hash)
	if len(hash) > maxImportedText {
		return "", errBrokenHash
	}
	hash = rewritten(hash)
	decode, err := decoder()
	if err != nil {
		return "", err
	}
	if _, err := decode(hash); err != nil {
		return "", cmp.Or(checkable(hash), errBrokenHash)
	}
	return hash, nil
}

// decoder gives the one reader of stored hashes.
var decoder = sync.OnceValues(newDecode)

// checkable refuses a hash of another form than those of the schemes, and one whose cost is beyond their limits.
func checkable(hash string) error {
	for _, s := range schemes {
		if parts := s.form.FindStringSubmatch(hash); parts != nil {
			return s.limit(parts[1:])
		}
	}
	if beginsAsKnown(hash) {
		return errBrokenHash
	}
	return errUnknownHash
}

// decodeHash reads a stored hash.
type decodeHash func(hash string) (algorithm.Digest, error)

// newDecode makes the reader of stored hashes. It holds them to the limits however they came there.
func newDecode() (decodeHash, error) {
	d := crypt.NewDecoder()
	err := errors.Join(argon2.RegisterDecoder(d), bcrypt.RegisterDecoder(d), pbkdf2.RegisterDecoder(d),
		shacrypt.RegisterDecoder(d))
	if err != nil {
		return nil, fmt.Errorf("password hashing: %w", err)
	}
	return func(hash string) (algorithm.Digest, error) {
		if err := checkable(hash); err != nil {
			return nil, err
		}
		return d.Decode(hash)
	}, nil
}

var known = []string{"$2a$", "$2b$", "$2y$", "$pbkdf2", "$5$", "$6$", "$argon2id$", "$argon2i$"}

func beginsAsKnown(hash string) bool {
	for _, mark := range known {
		if strings.HasPrefix(hash, mark) {
			return true
		}
	}
	return false
}

var (
	djangoPBKDF2 = regexp.MustCompile(`^pbkdf2_(sha1|sha256|sha512)\$(\d{1,9})\$([^$]{1,128})\$([+/A-Za-z0-9]+)={0,2}$`)
	// phcPBKDF2 has its parts named, and base64 as it usually is.
	phcPBKDF2 = regexp.MustCompile(`^\$(pbkdf2-sha\d+)\$i=(\d{1,9})(?:,l=\d{1,4})?\$([^$]*)\$([^$]+)$`)
)

// rewritten gives a hash in the form of the modular crypt format, from the forms of Django, of LDAP directories and of
// the password hashing competition.
func rewritten(hash string) string {
	for _, mark := range []string{"{CRYPT}", "{ARGON2}", "{BCRYPT}", "{SSHA512-CRYPT}"} {
		hash = strings.TrimPrefix(hash, mark)
	}
	if rest, is := strings.CutPrefix(hash, "bcrypt$"); is {
		return rest
	}
	if rest, is := strings.CutPrefix(hash, "argon2$"); is {
		return "$" + rest
	}
	if p := djangoPBKDF2.FindStringSubmatch(hash); p != nil {
		salt := base64.RawStdEncoding.EncodeToString([]byte(p[3])) // Django's salt is text
		return fmt.Sprintf("$pbkdf2-%s$%s$%s$%s", p[1], p[2], adapted(salt), adapted(p[4]))
	}
	if p := phcPBKDF2.FindStringSubmatch(hash); p != nil {
		return fmt.Sprintf("$%s$%s$%s$%s", p[1], p[2], adapted(p[3]), adapted(p[4]))
	}
	return hash
}

// adapted gives base64 in the letters in which PBKDF2 hashes are written, without padding.
func adapted(text string) string { return strings.TrimRight(strings.ReplaceAll(text, "+", "."), "=") }

func limitBcrypt(parts []string) error { return within(parts[0], minBcrypt, maxBcrypt) }

func limitPBKDF2(parts []string) error {
	return firstOf(within(parts[0], 1, maxPBKDF2), sized(parts[1], 0, maxSaltBytes),
		sized(parts[2], minKeyBytes, maxKeyBytes))
}

func limitSHACrypt(parts []string) error {
	if parts[0] == "" {
		parts[0] = strconv.Itoa(usualSHACrypt)
	}
	return within(parts[0], minSHACrypt, maxSHACrypt)
}

func limitArgon(parts []string) error {
	return firstOf(within(parts[0], 8, maxArgonKiB), within(parts[1], 1, maxArgonPasses),
		within(parts[2], 1, maxArgonLanes), sized(parts[3], 8, maxSaltBytes), sized(parts[4], minKeyBytes, maxKeyBytes))
}

// reckoned gives about how long a hash takes to check; nothing for one of an unknown kind.
func reckoned(hash string) time.Duration {
	for _, s := range schemes {
		if parts := s.form.FindStringSubmatch(hash); parts != nil {
			return s.reckon(parts[1:])
		}
	}
	return 0
}

func reckonBcrypt(parts []string) time.Duration { return 60 * time.Microsecond << number(parts[0]) }

func reckonPBKDF2(parts []string) time.Duration { return times(400*time.Nanosecond, parts[0]) }

func reckonSHACrypt(parts []string) time.Duration {
	return times(700*time.Nanosecond, cmp.Or(parts[0], strconv.Itoa(usualSHACrypt)))
}

func reckonArgon(parts []string) time.Duration {
	return times(times(700*time.Nanosecond, parts[0]), parts[1])
}

func times(one time.Duration, text string) time.Duration { return one * time.Duration(number(text)) }

// number reads a cost that was held to its limits.
func number(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0
	}
	return n
}

// firstOf gives the first of several problems.
func firstOf(problems ...error) error {
	for _, problem := range problems {
		if problem != nil {
			return problem
		}
	}
	return nil
}

// within holds a cost to its limits.
func within(text string, minimum, maximum int) error {
	n, err := strconv.Atoi(text)
	switch {
	case err != nil, n < minimum:
		return errBrokenHash
	case n > maximum:
		return errDearHash
	}
	return nil
}

// sized holds a salt or key, in base64, to its limits in bytes.
func sized(text string, minimum, maximum int) error {
	n := base64.RawStdEncoding.DecodedLen(len(text))
	if len(text)%4 == 1 || n < minimum || n > maximum {
		return errBrokenHash
	}
	return nil
}

// imported makes the stand-in for hashes of older systems until one was met.
func imported(cost int) (string, error) {
	hash, err := standard.GenerateFromPassword([]byte("nobody has this password"), cost)
	return string(hash), err
}
