package readiness_test

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"signpost/internal/dos/rollout/readiness"
	"signpost/internal/dos/rollout/readiness/readinesstest"
	"signpost/internal/platform/sheet"
)

func text(s string) sheet.Source {
	return func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(s)), nil }
}

func file(path string) sheet.Source {
	return func() (io.ReadCloser, error) { return os.Open(filepath.Clean(path)) }
}

func compute(t testing.TB, o readiness.Options) *readiness.Result {
	t.Helper()
	r, err := readiness.Compute(o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// What was made is what is found, class by class and account by account.
func TestEveryClassIsFound(t *testing.T) {
	var accounts, identities bytes.Buffer
	made, err := readinesstest.Population{Accounts: 5_000, Identities: 40_000}.Write(&accounts, &identities)
	if err != nil {
		t.Fatal(err)
	}
	r := compute(t, readiness.Options{Accounts: text(accounts.String()), Identities: text(identities.String())})
	found := map[readiness.Class]int{}
	wrong := 0
	for _, p := range r.People {
		found[p.Class]++
		if p.Class != made.Of[p.Username] && wrong < 5 {
			wrong++
			t.Errorf("%s (%s, %s) is %s, made as %s, found %+v", p.Username, p.Email, p.Name(), p.Class,
				made.Of[p.Username], r.Found(p))
		}
	}
	for class, n := range made.Classes {
		t.Logf("%s: made %d, found %d", class, n, found[class])
		if found[class] != n || n == 0 {
			t.Errorf("%s: made %d, found %d", class, n, found[class])
		}
	}
}

func write(t testing.TB, folder string, p readinesstest.Population) {
	t.Helper()
	a, err := os.Create(filepath.Join(folder, "a.csv"))
	if err != nil {
		t.Fatal(err)
	}
	i, err := os.Create(filepath.Join(folder, "i.csv"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = p.Write(a, i)
	for _, e := range []error{err, a.Close(), i.Close()} {
		if e != nil {
			t.Fatal(e)
		}
	}
}
