// Command bench measures whole sign-ins: virtual people ask for a sign-in, prove a security key, and the
// service behind them redeems the code, verifies the ID token and asks for userinfo.
//
// The same people sign in at the real program and at a floor: a server that does only what no provider can
// leave out, the flow's signatures and its two durable commits. The machine may be shared, so only the
// ratio of the two within one run says anything.
//
// On one machine a journey to PostgreSQL costs next to nothing, which hides how often a sign-in makes one. With
// -delay 500us the server stands half a millisecond away from both, and the table says how many journeys a sign-in
// makes.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"signpost/internal/platform/jwt"
)

func main() {
	if len(os.Args) > 1 && os.Args[1] == "floor" {
		exit(runFloor(os.Args[2:]))
	}
	if len(os.Args) > 1 && os.Args[1] == "probe" {
		exit(runProbe(os.Args[2:]))
	}
	var o options
	overloaded := flag.Bool("overload", false, "measure what happens when more is asked than can be done")
	revoking := flag.Bool("revocation", false, "measure how soon sessions end while the mail server is silent")
	flag.StringVar(&o.program, "program", "bin/signpost", "the program to measure")
	flag.DurationVar(&o.each, "each", 3*time.Second, "how long each measurement takes")
	flag.IntVar(&o.rounds, "rounds", 4, "how often floor and program take turns")
	flag.IntVar(&o.people, "people", 1000, "how many virtual people there are")
	flag.BoolVar(&o.pages, "pages", false, "fetch the pages too that a browser would show on the way")
	flag.StringVar(&o.postgres, "postgres", os.Getenv("TEST_POSTGRES"), "URL of a PostgreSQL server to measure on too")
	flag.IntVar(&o.atOnce, "at-once", 0, "how many sign in at once (default 1, 8 and 64 in turn)")
	flag.DurationVar(&o.delay, "delay", 0, "how much longer each journey to PostgreSQL and back takes")
	flag.StringVar(&o.engine, "engine", "", "measure on this one only, SQLite or PostgreSQL")
	flag.StringVar(&o.algorithm, "algorithm", "", "measure with this one only, RS256 or ES256")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if *overloaded {
		exit(overload(ctx, o))
	}
	if *revoking {
		exit(revocation(ctx, o))
	}
	exit(run(ctx, o))
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

type options struct {
	program   string
	each      time.Duration
	rounds    int
	people    int
	pages     bool
	postgres  string
	delay     time.Duration
	atOnce    int
	engine    string
	algorithm string
}

// concurrent are how many people sign in at once, in turn.
func (o options) concurrent() []int {
	if o.atOnce > 0 {
		return []int{o.atOnce}
	}
	return []int{1, 8, 64}
}

func run(ctx context.Context, o options) error {
	folder, err := os.MkdirTemp("", "signpost-bench-")
	if err != nil {
		return fmt.Errorf("make folder: %w", err)
	}
	defer func() { _ = os.RemoveAll(folder) }()
	engines := []string{"SQLite"}
	if o.postgres != "" {
		engines = append(engines, "PostgreSQL")
	} else {
		fmt.Println("PostgreSQL is not measured: name a server with -postgres")
	}
	measured := false
	for _, engine := range engines {
		for _, s := range signings {
			if o.engine != "" && o.engine != engine || o.algorithm != "" && o.algorithm != string(s.algorithm) {
				continue
			}
			if err := measure(ctx, o, engine, s, filepath.Join(folder, engine+s.String())); err != nil {
				return fmt.Errorf("%s with %s: %w", engine, s, err)
			}
			measured = true
		}
	}
	if !measured {
		return errors.New("nothing was measured: -engine is SQLite, or PostgreSQL where a server is named, and " +
			"-algorithm is RS256 or ES256")
	}
	return nil
}

// signing names the algorithms of the client's assertion and of the ID token.
type signing struct {
	algorithm jwt.Algorithm
	bits      int // of the client's key, where it is an RSA key
}

// signings are those measured: RSA at its shortest, RSA with a client as CIS2's commonly are (reference §4), and
// an elliptic curve.
var signings = []signing{{jwt.RS256, 2048}, {jwt.RS256, 4096}, {jwt.ES256, 0}}

// String says what is signed with.
func (s signing) String() string {
	if s.bits == 0 {
		return string(s.algorithm)
	}
	return fmt.Sprintf("%s with a client's key of %d bits", s.algorithm, s.bits)
}

// measure lets floor and program take turns on one engine with one algorithm, and prints what was seen.
func measure(ctx context.Context, o options, engine string, s signing, folder string) (err error) {
	w, err := makeWorld(ctx, o, engine, s, folder)
	if err != nil {
		return err
	}
	if err := w.moveAway(ctx, o.delay); err != nil {
		return err
	}
	defer w.closeWays()
	floor, err := startFloor(ctx, w)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, floor.stop()) }()
	program, err := startProgram(ctx, o, w, "cis2")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, program.stop()) }()
	fmt.Printf("\n%s, %s: start to first sign-in %d ms, resident %d MiB then\n", engine, s,
		program.first.Milliseconds(), program.resident())
	fmt.Printf("%8s  %28s  %28s  %5s  %9s  %6s\n", "at once", "floor flows/s (p99, cpu ms)",
		"signpost flows/s (p99, cpu)", "ratio", "p99 ratio", "errors")
	for _, n := range o.concurrent() {
		var low, real figures
		for range o.rounds {
			low = low.and(w.drive(ctx, floor, n, o.each))
			real = real.and(w.drive(ctx, program, n, o.each))
		}
		fmt.Printf("%8d  %9.0f (%7.1f, %8s)  %9.0f (%7.1f, %8s)  %5.2f  %9.2f  %6d\n", n, low.rate(), low.p99(),
			low.costs(), real.rate(), real.p99(), real.costs(),
			real.rate()/low.rate(), real.p99()/low.p99(), real.errors+low.errors)
		if w.ways != nil {
			fmt.Printf("          journeys to the database for one sign-in: floor %.1f, signpost %.1f\n",
				low.journeysEach(), real.journeysEach())
		}
		if first := errors.Join(low.first, real.first); first != nil {
			fmt.Println("           first error:", first)
		}
	}
	fmt.Printf("resident under load %d MiB\n", program.resident())
	return nil
}
