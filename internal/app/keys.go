package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"signpost/internal/careid/provider/key"
	"signpost/internal/careid/schema"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/clock"
	"signpost/internal/platform/db"
	"signpost/internal/platform/jwt"
	"signpost/internal/platform/seal"
	"signpost/internal/platform/seal/hsm"
	"signpost/internal/platform/web"
)

// keysConfig says how long the parts of a signing key's life are.
type keysConfig struct {
	RotateDays      int `koanf:"rotate_days"`       // from one key's first signature to the next's
	AnnounceHours   int `koanf:"announce_hours"`    // at least, from publishing a key to signing with it
	LongestWaitDays int `koanf:"longest_wait_days"` // at most, for clients not seen to fetch it
	OverlapHours    int `koanf:"overlap_hours"`     // from a key's last signature to its end
}

const aDay = 24 * time.Hour

func usualKeys() keysConfig {
	p := key.Usual
	return keysConfig{RotateDays: int(p.Every / aDay), AnnounceHours: int(p.Announce / time.Hour), LongestWaitDays: int(p.LongestWait / aDay), OverlapHours: int(p.Overlap / time.Hour)}
}

func (k keysConfig) policy() key.Policy {
	return key.Policy{
		Every: time.Duration(k.RotateDays) * aDay, Announce: time.Duration(k.AnnounceHours) * time.Hour,
		LongestWait: time.Duration(k.LongestWaitDays) * aDay, Overlap: time.Duration(k.OverlapHours) * time.Hour,
	}
}

func (k keysConfig) check() error {
	if err := k.policy().Check(); err != nil {
		return fmt.Errorf("keys: %w", err)
	}
	return nil
}

// hsmConfig is the PKCS#11 module that wraps the master keys; without a module they stand bare in their
// file.
type hsmConfig struct {
	Module  string `koanf:"module"`   // the path of its library
	Token   string `koanf:"token"`    // the token's label
	Key     string `koanf:"key"`      // the label of its AES key
	PINFile string `koanf:"pin_file"` // a file that holds the PIN, or
	PIN     string `koanf:"pin"`      // the PIN, as from SIGNPOST_HSM__PIN
}

// withMasterKey calls fn with the file of the master keys. The module, if there is one, is open meanwhile
// and not afterwards.
func (c config) withMasterKey(fn func(seal.File) error) (err error) {
	file := seal.File{Path: c.masterKey()}
	if c.HSM.Module == "" {
		return fn(file)
	}
	o := hsm.Options{Module: c.HSM.Module, Token: c.HSM.Token, PIN: c.HSM.PIN, Key: c.HSM.Key}
	if c.HSM.PINFile != "" {
		pin, err := os.ReadFile(filepath.Clean(c.HSM.PINFile))
		if err != nil {
			return fmt.Errorf("read the security module's PIN: %w", err)
		}
		o.PIN = strings.TrimSpace(string(pin))
	}
	module, err := hsm.Open(o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, module.Close()) }()
	file.Module = module
	return fn(file)
}

// openBox reads the master keys, and makes the first if there is none and mayCreate is set.
func (c config) openBox(mayCreate bool) (box *seal.Box, err error) {
	err = c.withMasterKey(func(f seal.File) error {
		box, err = f.Load(mayCreate)
		return err
	})
	return box, err
}

// lookEvery is how often a node looks for changes of the signing keys: what is done on one holds on all
// soon after.
const lookEvery = 3 * time.Second

// followKeys keeps a node's signing keys up to date, and writes down who fetched them, until ctx ends.
func followKeys(ring *key.Ring, log *slog.Logger) func(ctx context.Context) {
	return func(ctx context.Context) {
		tick := time.NewTicker(lookEvery)
		defer tick.Stop()
		for {
			if err := errors.Join(ring.Refresh(ctx), ring.Flush(ctx)); err != nil && ctx.Err() == nil {
				log.Warn("signing keys", "error", err)
			}
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
		}
	}
}

// keysCommand looks after CIS2's signing keys, whether the system runs or not.
type keysCommand struct {
	List   keysList   `cmd:"" help:"List the signing keys, what comes next for each and who has fetched it."`
	Rotate keysRotate `cmd:"" help:"Begin a rotation before its time, or with --now replace keys at once."`
	Wrap   keysWrap   `cmd:"" help:"Have the security module of [hsm] wrap the master keys in their file."`
}

// keyring opens the signing keys.
func (w where) keyring(ctx context.Context) (ring *key.Ring, closing func(), err error) {
	cfg, err := readConfig(w.Config, w.Data)
	if err != nil {
		return nil, nil, err
	}
	if err := cfg.Keys.check(); err != nil {
		return nil, nil, err
	}
	box, err := cfg.openBox(false)
	if err != nil {
		return nil, nil, err
	}
	d, err := db.Open(ctx, db.Options{Source: cfg.source(cfg.Databases.CareID, "careid"), Migrations: schema.Files, Clock: clock.System{}})
	if err != nil {
		return nil, nil, err
	}
	return &key.Ring{DB: d, Box: box, Policy: cfg.Keys.policy()}, func() { _ = d.Close() }, nil
}

// keysList lists the signing keys.
type keysList struct{ where }

// Run prints them.
func (c *keysList) Run(ctx context.Context, out streams) error {
	ring, closing, err := c.keyring(ctx)
	if err != nil {
		return err
	}
	defer closing()
	return c.show(ctx, out.out, ring)
}

// shownKey is a key as --json prints it.
type shownKey struct {
	ID        string        `json:"kid"`
	Algorithm jwt.Algorithm `json:"alg"`
	State     key.State     `json:"state"`
	Since     time.Time     `json:"since"`
	Next      *shownStep    `json:"next,omitempty"`
	Clients   []shownClient `json:"clients"`
}

type shownStep struct {
	What  key.Act   `json:"what"`
	At    time.Time `json:"at"`
	Waits []string  `json:"waits_for,omitempty"`
}

type shownClient struct {
	Client  string     `json:"client"`
	Seen    bool       `json:"seen"`
	At      *time.Time `json:"at,omitempty"`
	Address string     `json:"address,omitempty"`
	Why     string     `json:"why,omitempty"`
}

func (w where) show(ctx context.Context, out io.Writer, ring *key.Ring) error {
	list, err := ring.Report(ctx)
	if err != nil {
		return err
	}
	if !w.JSON {
		printKeys(out, list)
		return nil
	}
	shown := []shownKey{}
	for _, s := range list {
		shown = append(shown, shownKeyOf(s))
	}
	return json.NewEncoder(out).Encode(shown)
}

func shownKeyOf(s key.Standing) shownKey {
	k := shownKey{ID: s.ID, Algorithm: s.Algorithm, State: s.State, Since: s.Since(), Clients: []shownClient{}}
	if s.Next != nil {
		k.Next = &shownStep{What: s.Next.Act, At: s.Next.At, Waits: s.Next.Waits}
	}
	for _, c := range s.Clients {
		one := shownClient{Client: c.Client, Seen: c.Seen, Address: c.Address, Why: c.Why}
		if c.Seen {
			one.At = &c.At
		}
		k.Clients = append(k.Clients, one)
	}
	return k
}

func printKeys(out io.Writer, list []key.Standing) {
	if len(list) == 0 {
		fmt.Fprintln(out, "There are no signing keys yet: signpost serve makes them as it starts.")
	}
	for _, s := range list {
		fmt.Fprintf(out, "%s  %s  %s since %s\n", s.ID, s.Algorithm, s.State, web.DateTime(s.Since()))
		if s.Next != nil {
			fmt.Fprintf(out, "  next: %s\n", nextWords(*s.Next))
		}
		for _, c := range s.Clients {
			if c.Seen {
				fmt.Fprintf(out, "  %s fetched it from %s on %s\n", c.Client, c.Address, web.DateTime(c.At))
			} else {
				fmt.Fprintf(out, "  %s not seen: %s\n", c.Client, c.Why)
			}
		}
	}
}

func nextWords(s key.Step) string {
	on := web.DateTime(s.At)
	switch s.Act {
	case key.Make:
		return "the key after it is made and published on " + on
	case key.Publish:
		return "is published within a minute"
	case key.Retire:
		return "leaves the key set and is wiped on " + on
	}
	if len(s.Waits) > 0 {
		return fmt.Sprintf("signs on %s, or earlier once it was seen to be fetched by %s", on, strings.Join(s.Waits, ", "))
	}
	return "signs from " + on
}

// keysRotate replaces signing keys before their time.
type keysRotate struct {
	where
	Now    bool          `help:"Sign with a new key at once, without waiting for anybody to fetch it."`
	Revoke string        `help:"With --now: take this key out of the key set at once. What it signed can be verified no more." placeholder:"KID"`
	Alg    jwt.Algorithm `help:"Only the keys of this algorithm." placeholder:"ALG"`
}

// Run rotates, and prints how the keys stand then.
func (c *keysRotate) Run(ctx context.Context, out streams) error {
	algorithms := key.Algorithms
	switch {
	case c.Revoke != "" && !c.Now:
		return usageError("--revoke takes effect at once: give it together with --now")
	case c.Revoke != "" && c.Alg != "":
		return usageError("--revoke names one key: leave --alg out")
	case c.Alg != "" && !slices.Contains(algorithms, c.Alg):
		return usageError(fmt.Sprintf("--alg: there are no %.20q keys, only %s", c.Alg, algorithms))
	case c.Alg != "":
		algorithms = []jwt.Algorithm{c.Alg}
	}
	ring, closing, err := c.keyring(ctx)
	if err != nil {
		return err
	}
	defer closing()
	if err := c.rotate(ctx, ring, algorithms); err != nil {
		return err
	}
	return c.show(ctx, out.out, ring)
}

func (c *keysRotate) rotate(ctx context.Context, ring *key.Ring, algorithms []jwt.Algorithm) error {
	who := actor.ForCommand("keys rotate")
	switch {
	case c.Revoke != "":
		return ring.Revoke(ctx, who, c.Revoke)
	case c.Now:
		return ring.Replace(ctx, who, algorithms...)
	}
	return ring.Announce(ctx, who, algorithms...)
}

// keysWrap brings master keys that were made before there was a security module under it.
type keysWrap struct{ where }

// Run wraps them.
func (c *keysWrap) Run(_ context.Context, out streams) error {
	cfg, err := readConfig(c.Config, c.Data)
	if err != nil {
		return err
	}
	if cfg.HSM.Module == "" {
		return usageError("no security module is configured: name it in [hsm]")
	}
	return cfg.withMasterKey(func(f seal.File) error {
		n, err := f.WrapBare()
		if err != nil {
			return err
		}
		if c.JSON {
			return json.NewEncoder(out.out).Encode(map[string]int{"wrapped": n})
		}
		fmt.Fprintf(out.out, "Bare master keys that are wrapped now: %d. Destroy every copy of the old file.\n", n)
		return nil
	})
}
