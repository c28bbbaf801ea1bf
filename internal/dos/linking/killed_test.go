package linking_test

import (
	"bufio"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"signpost/internal/dos/dostest"
	"signpost/internal/dos/linking"
	"signpost/internal/dos/schema"
	"signpost/internal/platform/clock/clocktest"
	"signpost/internal/platform/db"
	"signpost/internal/platform/db/dbtest"
	"signpost/internal/platform/job"
	"signpost/internal/platform/mail"
	"signpost/internal/platform/random"
	"signpost/internal/platform/seal"
	"signpost/internal/platform/worldtest"
)

// linkerProgram tells the test binary to link what its standard input names, instead of testing.
const linkerProgram = "TEST_LINKER_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(linkerProgram) != "" {
		if err := linkWhatIsNamed(os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// begun is what the program says when it begins to link.
const begun = "begun"

// toLink is what a program that links is told.
type toLink struct {
	Source  string
	Key     string // of the box, in hexadecimal
	Now     time.Time
	Cookies []string // of the ceremonies
}

// linkWhatIsNamed completes ceremonies, four at a time, and says the number of each when it was told that it is done.
func linkWhatIsNamed(in io.Reader, out io.Writer) error {
	var told toLink
	if err := json.NewDecoder(in).Decode(&told); err != nil {
		return err
	}
	linker, end, err := told.open()
	if err != nil {
		return err
	}
	defer end()
	fmt.Fprintln(out, begun)
	numbers := make(chan int)
	var all sync.WaitGroup
	var mu sync.Mutex
	for range 4 {
		all.Go(func() {
			for i := range numbers {
				_, err := linker.Link(context.Background(), stranger, told.Cookies[i], "")
				mu.Lock()
				switch {
				case err == nil:
					fmt.Fprintln(out, "linked", i)
				case !errors.Is(err, linking.ErrFinished):
					fmt.Fprintln(out, "failed", i, err)
				}
				mu.Unlock()
			}
		})
	}
	for i := range told.Cookies {
		numbers <- i
	}
	close(numbers)
	all.Wait()
	return nil
}

func (t toLink) open() (l *linking.Linker, end func(), err error) {
	ctx := context.Background()
	key, err := hex.DecodeString(t.Key)
	if err != nil {
		return nil, nil, err
	}
	box, err := seal.New(key)
	if err != nil {
		return nil, nil, err
	}
	d, err := db.Open(ctx, db.Options{Patience: time.Minute, Source: t.Source, Migrations: schema.Files,
		Clock: clocktest.At(t.Now)})
	if err != nil {
		return nil, nil, err
	}
	workers := job.NewWorkers()
	post := mail.New(d, box, &mail.Mailbox{}, workers)
	_, err = job.Open(ctx, d, workers, slog.New(slog.DiscardHandler))
	return &linking.Linker{DB: d, Post: post}, func() { _ = d.Close() }, err
}

// longestLife is how long a program lives at most once it links.
func longestLife() time.Duration {
	if dbtest.Server() != "" {
		return 250 * time.Millisecond // its first links are slow
	}
	return 100 * time.Millisecond
}

// A program that is killed again and again while it links loses no link that it said was made, makes none twice, and
// makes none without its event, its mail, and the end of the password.
func TestLinksOfAProgramThatIsKilled(t *testing.T) {
	t.Parallel()
	n := linksKilled
	w, told := newKilled(t, n)
	said := map[int]int{}
	kills := 0
	for round := 0; ; round++ {
		if round > 20*n {
			t.Fatalf("after %d rounds only %d of %d links are made", round, len(said), n)
		}
		ended := told.run(t, said, rand.N(longestLife()))
		if ended {
			break
		}
		kills++
	}
	none := func(what, sql string) {
		t.Helper()
		if found := w.Count(sql); found != 0 {
			t.Errorf("%s: %d", what, found)
		}
	}
	lost := 0
	for i, times := range said {
		if times > 1 {
			t.Errorf("link %d was said to be made %d times", i, times)
		}
		if w.Count(`SELECT COUNT(*) FROM account_link WHERE subject = $1`, fmt.Sprint("subject-pair", i)) != 1 {
			lost++
		}
	}
	const events = `(SELECT COUNT(*) FROM event e WHERE e.kind = 'account.linked' AND e.subject_id = l.account_id)`
	none("links with no event, or two", `SELECT COUNT(*) FROM account_link l WHERE `+events+` <> 1`)
	const records = `(SELECT COUNT(*) FROM link_record r WHERE r.account_id = l.account_id)`
	none("links with no record, or two", `SELECT COUNT(*) FROM account_link l WHERE `+records+` <> 1`)
	none("linked accounts with a password",
		`SELECT COUNT(*) FROM account_link l JOIN account a ON a.id = l.account_id WHERE a.password_hash <> ''`)
	links := w.Count(`SELECT COUNT(*) FROM account_link`)
	mails := w.Count(`SELECT COUNT(*) FROM mail WHERE kind = 'link.made'`)
	worldtest.Linking(t, "kill -9: %d links, %d kills: lost %d, made %d, mailed %d", n, kills, lost, links, mails)
	if lost != 0 || links != int64(n) || mails != links || kills == 0 {
		t.Error("a link was lost, made twice or not told, or nothing was killed")
	}
}

// newKilled makes accounts whose ceremonies are ready, in a database that other programs open too.
func newKilled(t *testing.T, n int) (*world, toLink) {
	t.Helper()
	now := time.Date(2026, 11, 1, 9, 0, 0, 0, time.UTC)
	told := toLink{Source: dbtest.Source(t, schema.Files), Key: hex.EncodeToString(random.Bytes(32))}
	w := worldOn(t, told, now)
	all := w.many(n)
	told.Cookies = w.ceremonies(all, "subject-")
	told.Now = w.Clock.Now()
	return w, told
}

func worldOn(t *testing.T, told toLink, now time.Time) *world {
	t.Helper()
	key, err := hex.DecodeString(told.Key)
	worldtest.Check(t, err)
	box, err := seal.New(key)
	worldtest.Check(t, err)
	w := &world{World: dostest.OpenOn(t, told.Source, box, now)}
	w.linker = &linking.Linker{DB: w.DB, Post: w.Post}
	w.AddWaves()
	return w
}

// run runs the program and kills it a time after it began to link. It reports whether it ended by itself.
func (t toLink) run(tb testing.TB, said map[int]int, life time.Duration) (ended bool) {
	tb.Helper()
	program := exec.Command(os.Args[0])
	program.Env = append(os.Environ(), linkerProgram+"=1")
	text, err := json.Marshal(t)
	worldtest.Check(tb, err)
	program.Stdin = strings.NewReader(string(text))
	var problems strings.Builder
	program.Stderr = &problems
	out, err := program.StdoutPipe()
	worldtest.Check(tb, err)
	worldtest.Check(tb, program.Start())
	lines := bufio.NewScanner(out)
	if !lines.Scan() || lines.Text() != begun {
		tb.Fatalf("the program says %q\n%s", lines.Text(), problems.String())
	}
	killer := time.AfterFunc(life, func() { _ = program.Process.Kill() })
	for lines.Scan() {
		var i int
		if _, err := fmt.Sscanf(lines.Text(), "linked %d", &i); err != nil {
			tb.Fatalf("the program says %q", lines.Text())
		}
		said[i]++
	}
	killed := !killer.Stop()
	err = program.Wait()
	if err != nil && !killed {
		tb.Fatalf("the program ended: %v\n%s", err, problems.String())
	}
	return err == nil
}
