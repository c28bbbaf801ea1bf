package password_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/crypto/argon2"

	"signpost/internal/platform/fault"
	"signpost/internal/platform/password"
)

// The hashes of "correct horse" below were made by other programs than this one: by libc, Apache, Python and OpenSSL.
const (
	sha512Crypt = "$6$saltstring$" +
		".r0X7ub5wGR2v4Xz7svCIozfnlorFh19V89t8KC9Umd81uGhFgsyTRNyzQDXDIm17fFcR9z3z7oBNdsyYBbtm/"
	sha512Rounds = "$6$rounds=1400$anotherlongsalt$" +
		"0PTOn8bBzyqhh2wyYzWU/brdeY8ErVYrWGtpWQ.bUqWCi7scvtbXl.9n4xWAPmBVClu7RNqgj5BNSysjCHbab0"
	sha256Crypt  = "$5$saltstring$vc6YOOogU4kWVvwga8e9zTFgKcy4tb5LaPxIiPJzqEC"
	apacheBcrypt = "$2y$05$i8Va2BdhzivmyUGK0C5BW.Lg52A/skcDkl3xAqHfFzXGgLGO/l4Ay"
	django       = "pbkdf2_sha256$260000$NaCl4Django$hixUWI6woa5WN9sKB6JdUt3z/x5Oy7Tp+UaeuxN5E30="
	passlib      = "$pbkdf2-sha512$25000$MDEyMzQ1Njc4OWFiY2RlZg$" +
		"NAtVcXr7DbXedVbBm.JvbbmENXwAmeETSMIk.8rC9F5GBbGumPcNIpwLppBM7vaXnbPUqZhH3UgUjzNRgCPZMg"
	phcString = "$pbkdf2-sha256$i=10000,l=32$MDEyMzQ1Njc4OWFiY2RlZg$" +
		"TI2grtvV1HW5nz2rBY4tctlrmOj5bZs0dw9j8NHpRRc"
)

// argonHash makes a hash by another library than the one that checks it.
func argonHash(kind string, key []byte) string {
	encode := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$%s$v=19$m=256,t=2,p=2$%s$%s", kind, encode([]byte("somesalt")), encode(key))
}

func TestImportedHashesAreChecked(t *testing.T) {
	plain := []byte("correct horse")
	argonI := argonHash("argon2i", argon2.Key(plain, []byte("somesalt"), 2, 256, 2, 32))
	argonID := argonHash("argon2id", argon2.IDKey(plain, []byte("somesalt"), 2, 256, 2, 32))
	h := hasher(t)
	for name, hash := range map[string]string{
		"SHA-512-crypt": sha512Crypt, "SHA-512-crypt with rounds": sha512Rounds, "SHA-256-crypt": sha256Crypt,
		"SHA-512-crypt of an LDAP directory": "{CRYPT}" + sha512Crypt, "bcrypt of Apache": apacheBcrypt,
		"bcrypt of Django": "bcrypt$" + apacheBcrypt, "PBKDF2 of Django": django, "PBKDF2 of passlib": passlib,
		"PBKDF2 as a PHC string": phcString, "argon2i": argonI, "argon2id": argonID,
		"argon2id of Django": "argon2" + argonID, "with spaces around it": " " + sha512Crypt + "\n",
	} {
		t.Run(name, func(t *testing.T) {
			stored, err := password.Import(hash)
			if err != nil {
				t.Fatal(err)
			}
			fits, upgrade, err := h.Check(t.Context(), password.Asker{}, stored, "correct horse")
			if !fits || !upgrade || err != nil {
				t.Errorf("the right password: %v, %v, %v", fits, upgrade, err)
			}
			fits, upgrade, err = h.Check(t.Context(), password.Asker{}, stored, "correct horsf")
			if fits || upgrade || err != nil {
				t.Errorf("a wrong password: %v, %v, %v", fits, upgrade, err)
			}
			if again, err := password.Import(stored); again != stored || err != nil {
				t.Errorf("as it is kept, it is imported as %q: %v", again, err)
			}
		})
	}
}

// A hash that would keep the machine busy at each sign-in is refused when it is imported, and when it is met.
func TestHostileHashesAreRefused(t *testing.T) {
	h := hasher(t)
	key := strings.Repeat("A", 43)
	argon := func(cost string) string { return "$argon2id$v=19$" + cost + "$c29tZXNhbHQ$" + key }
	tried := 0
	for name, hash := range map[string]string{
		"bcrypt of cost 16":              strings.Replace(apacheBcrypt, "$05$", "$16$", 1),
		"bcrypt of cost 15":              strings.Replace(apacheBcrypt, "$05$", "$15$", 1),
		"bcrypt of cost 31":              strings.Replace(apacheBcrypt, "$05$", "$31$", 1),
		"PBKDF2 of a billion rounds":     "$pbkdf2-sha256$999999999$MDEyMzQ1Njc4OWFiY2RlZg$" + key,
		"PBKDF2 of Django, the same":     strings.Replace(django, "260000", "999999999", 1),
		"PBKDF2 of no rounds":            "$pbkdf2-sha256$0$MDEyMzQ1Njc4OWFiY2RlZg$" + key,
		"PBKDF2 of a long key":           "$pbkdf2-sha256$1000$MDEyMzQ1Njc4OWFiY2RlZg$" + strings.Repeat("A", 400),
		"SHA-512-crypt of many rounds":   strings.Replace(sha512Rounds, "1400", "999999999", 1),
		"SHA-512-crypt of few rounds":    strings.Replace(sha512Rounds, "1400", "1", 1),
		"argon2id of four terabytes":     argon("m=4294967295,t=1,p=1"),
		"argon2id of a gigabyte":         argon("m=1048576,t=1,p=1"),
		"argon2id of a million passes":   argon("m=1024,t=1000000,p=1"),
		"argon2id of many lanes":         argon("m=1024,t=1,p=100000"),
		"argon2id without lanes":         argon("m=4294967295,t=1"),
		"argon2d":                        strings.Replace(argon("m=64,t=1,p=1"), "2id", "2d", 1),
		"scrypt":                         "$scrypt$ln=31,r=8,p=1$c29tZXNhbHQ$" + key,
		"MD5-crypt":                      "$1$saltsalt$qjXMvbEw8oaL.CzflDtaK/",
		"bcrypt of the broken kind":      strings.Replace(apacheBcrypt, "$2y$", "$2x$", 1),
		"a digest without a salt":        "5f4dcc3b5aa765d61d8327deb882cf99",
		"a password":                     "correct horse",
		"a plain text hash":              "$plaintext$correct horse",
		"SHA-512-crypt that is cut off":  sha512Crypt[:60],
		"a hash of a hundred kilobytes":  strings.Repeat("$6$", 1<<15),
		"SHA-512-crypt with a long salt": strings.Replace(sha512Crypt, "saltstring", strings.Repeat("s", 64), 1),
	} {
		tried++
		if kept, err := password.Import(hash); !errors.Is(err, fault.Invalid) || kept != "" {
			t.Errorf("%s was imported as %q: %v", name, kept, err)
		}
		if strings.HasPrefix(hash, "pbkdf2_") {
			continue // it is never kept in this form
		}
		if _, _, err := h.Check(t.Context(), password.Asker{}, hash, "correct horse"); err == nil {
			t.Errorf("%s was checked", name)
		}
	}
	t.Logf("hostile hashes tried %d, accepted 0", tried)
}

// A refusal computes the same hashes whatever the account has: one of today's, and one of the kind that is imported.
func TestARefusalCostsWhatAnImportedHashCosts(t *testing.T) {
	h := hasher(t)
	own, err := h.Hash(t.Context(), password.Asker{}, "correct horse")
	if err != nil {
		t.Fatal(err)
	}
	for _, stored := range []string{passlib, own, "", sha512Crypt} {
		before := h.Checks()
		if _, _, err := h.Check(t.Context(), password.Asker{}, stored, "wrong"); err != nil {
			t.Fatal(err)
		}
		after := h.Checks()
		if after.Own-before.Own != 1 || after.Imported-before.Imported != 1 {
			t.Errorf("a refusal of %.12q computed %d of today's and %d imported hashes", stored,
				after.Own-before.Own, after.Imported-before.Imported)
		}
	}
}

func FuzzImport(f *testing.F) {
	for _, hash := range []string{sha512Crypt, sha256Crypt, apacheBcrypt, django, passlib, phcString} {
		f.Add(hash)
	}
	f.Fuzz(func(t *testing.T, hash string) {
		kept, err := password.Import(hash)
		if err != nil {
			return
		}
		if again, err := password.Import(kept); again != kept || err != nil {
			t.Errorf("%q is kept as %q, and that as %q: %v", hash, kept, again, err)
		}
	})
}
