package password

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-crypt/crypt/algorithm"
)

// dearHash is as dear as an import takes.
var dearHash = "$2b$14$" + strings.Repeat("a", 53)

// dearDigest is its digest, which takes a second of time that passes at once.
type dearDigest struct {
	algorithm.Digest
	computed *atomic.Int64
}

const (
	dearTime  = time.Second
	dearRight = "the right one"
)

func (d dearDigest) MatchAdvanced(plain string) (bool, error) {
	time.Sleep(dearTime)
	d.computed.Add(1)
	return plain == dearRight, nil
}

func dearHasher(t *testing.T) (h *Hasher, computed *atomic.Int64) {
	t.Helper()
	cost := Cheap
	cost.Dear = Usual.Dear
	h, err := New(cost)
	if err != nil {
		t.Fatal(err)
	}
	computed = &atomic.Int64{}
	usual := h.decode
	h.decode = func(hash string) (algorithm.Digest, error) {
		if hash == dearHash {
			return dearDigest{computed: computed}, nil
		}
		return usual(hash)
	}
	return h, computed
}

// Strangers on 60 networks who guess for a minute at an account whose hash is as dear as an import takes cost a third
// of one processor. Its owner comes in meanwhile, on their own browser and on another, and nobody else waits.
func TestStrangersAtADearHash(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, computed := dearHasher(t)
		const minute = time.Minute
		end := time.Now().Add(minute)
		var strangers sync.WaitGroup
		for n := range 60 {
			strangers.Go(func() {
				for from := (Asker{Network: fmt.Sprint(n)}); time.Now().Before(end); {
					if _, _, err := h.Check(t.Context(), from, dearHash, "a guess"); err != nil {
						time.Sleep(time.Second) // told to come again
					}
				}
			})
		}
		took := func(from Asker, stored, plain string) (time.Duration, bool) {
			began := time.Now()
			fits, _, err := h.Check(t.Context(), from, stored, plain)
			if err != nil {
				t.Errorf("%v: %v", from, err)
			}
			return time.Since(began), fits
		}
		time.Sleep(20 * time.Second)
		known, in := took(Asker{Network: "ward", Browser: "hers"}, dearHash, dearRight)
		if !in || known > maxRest+2*dearTime {
			t.Errorf("the owner on their own browser: in %v, after %v", in, known)
		}
		anew, in := took(Asker{Network: "home"}, dearHash, dearRight)
		if !in || anew > maxPatience {
			t.Errorf("the owner on another browser: in %v, after %v", in, anew)
		}
		own, err := h.Hash(t.Context(), Asker{Network: "clinic"}, dearRight)
		if err != nil {
			t.Fatal(err)
		}
		other, in := took(Asker{Network: "clinic"}, own, dearRight)
		if !in || other > 0 {
			t.Errorf("somebody else: in %v, after %v", in, other)
		}
		nobody, in := took(Asker{Network: "elsewhere"}, "", "a guess")
		if in || nobody > 0 {
			t.Errorf("a guess at nobody takes as long as a dear hash: %v", nobody)
		}
		strangers.Wait()
		guesses := computed.Load() - 2 // two are the owner's
		share := float64(time.Duration(guesses)*dearTime) / float64(minute)
		t.Logf("60 networks for %v: %d guesses at a hash of %v, %.0f %% of a processor; the owner came in after %v "+
			"on their own browser, %v on another; somebody else after %v", minute, guesses, dearTime, 100*share,
			known, anew, other)
		if guesses == 0 || share > 0.36 {
			t.Errorf("strangers take %.0f %% of a processor", 100*share)
		}
	})
}

// What is dear is several times as long as our own hashes, and what other systems use by default is not, or hardly.
func TestWhichHashesAreDear(t *testing.T) {
	h, err := New(Usual)
	if err != nil {
		t.Fatal(err)
	}
	key := strings.Repeat("A", 43)
	for hash, dear := range map[string]bool{
		"$2y$10$" + strings.Repeat("a", 53):                       false,
		"$2y$12$" + strings.Repeat("a", 53):                       false,
		"$2y$13$" + strings.Repeat("a", 53):                       true,
		dearHash:                                                  true,
		"$pbkdf2-sha256$600000$MDEyMzQ1Njc4OWFiY2RlZg$" + key:     false,
		"$pbkdf2-sha256$2000000$MDEyMzQ1Njc4OWFiY2RlZg$" + key:    true,
		"$6$saltstring$" + strings.Repeat("a", 86):                false,
		"$6$rounds=1000000$saltstring$" + strings.Repeat("a", 86): true,
		h.prefix + "c29tZXNhbHQ$" + key:                           false,
		"$argon2id$v=19$m=131072,t=8,p=1$c29tZXNhbHQ$" + key:      true,
		"what is none": false,
	} {
		if h.dear.has(hash) != dear {
			t.Errorf("%s: reckoned %v, dear %v", hash, reckoned(hash), !dear)
		}
	}
}
