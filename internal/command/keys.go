package command

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"signpost/internal/app"
	"signpost/internal/careid/provider/key"
	"signpost/internal/command/cli"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/jwt"
	"signpost/internal/platform/seal"
	"signpost/internal/platform/when"
)

var keysCommand = cli.Command{
	Name:  "keys",
	Help:  "Look after signing keys, and the key by which the directory proves itself at CIS2.",
	Flags: func() any { return new(keysFlags) },
}

// keysFlags are the commands that look after CIS2's signing keys and the directory's own, whether the system runs or
// not.
type keysFlags struct {
	List   keysList   `cmd:"" help:"List the signing keys, what comes next for each and who has fetched it."`
	Rotate keysRotate `cmd:"" help:"Begin a rotation before its time, or with --now replace keys at once."`
	Client keysClient `cmd:"" help:"Show the key by which the directory proves itself at CIS2, as CIS2 is to know it. Makes it the first time."`
	Wrap   keysWrap   `cmd:"" help:"Have the security module of [hsm] wrap the master keys in their file."`
}

// keyring opens the signing keys in the database that open opens. There are none where it opens none.
func keyring(ctx context.Context, s cli.System,
	open func(context.Context, app.Side) (*db.DB, error)) (ring *key.Ring, closing func(), err error) {
	cfg, err := s.Read()
	if err != nil {
		return nil, nil, err
	}
	if err := cfg.Keys.Check(); err != nil {
		return nil, nil, err
	}
	box, err := app.OpenBox(cfg, false)
	if err != nil {
		return nil, nil, s.MasterKeyProblem(cfg, err)
	}
	d, err := open(ctx, app.CareID)
	if err != nil || d == nil {
		return nil, nil, err
	}
	return &key.Ring{DB: d, Box: box, Policy: cfg.Keys.Policy()}, func() { _ = d.Close() }, nil
}

// keysList lists the signing keys.
type keysList struct {
	cli.System
	cli.Output
}

// Run prints them.
func (c *keysList) Run(ctx context.Context, p *cli.Printer) error {
	ring, closing, err := keyring(ctx, c.System, c.OpenExisting)
	if err != nil {
		return err
	}
	if ring == nil {
		return p.Result([]shownKey{}, func() { sayKeys(p, nil) })
	}
	defer closing()
	return showKeys(ctx, p, ring)
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
	Reason  string     `json:"why,omitempty"`
}

func showKeys(ctx context.Context, p *cli.Printer, ring *key.Ring) error {
	list, err := ring.Report(ctx)
	if err != nil {
		return err
	}
	shown := []shownKey{}
	for _, s := range list {
		shown = append(shown, shownKeyOf(s))
	}
	return p.Result(shown, func() { sayKeys(p, list) })
}

func shownKeyOf(s key.Standing) shownKey {
	k := shownKey{ID: s.ID, Algorithm: s.Algorithm, State: s.State, Since: s.Since(), Clients: []shownClient{}}
	if s.Next != nil {
		k.Next = &shownStep{What: s.Next.Act, At: s.Next.At, Waits: s.Next.Waits}
	}
	for _, c := range s.Clients {
		one := shownClient{Client: c.Client, Seen: c.Seen, Address: c.Address, Reason: c.Reason}
		if c.Seen {
			one.At = &c.At
		}
		k.Clients = append(k.Clients, one)
	}
	return k
}

func sayKeys(p *cli.Printer, list []key.Standing) {
	if len(list) == 0 {
		p.Say("There are no signing keys yet: signpost serve makes them as it starts.")
	}
	for _, s := range list {
		p.Say("%s  %s  %s since %s", s.ID, s.Algorithm, s.State, when.DateTime(s.Since()))
		if s.Next != nil {
			p.Say("  next: %s", nextWords(*s.Next))
		}
		for _, c := range s.Clients {
			if c.Seen {
				p.Say("  %s fetched it from %s on %s", c.Client, c.Address, when.DateTime(c.At))
			} else {
				p.Say("  %s not seen: %s", c.Client, c.Reason)
			}
		}
	}
}

func nextWords(s key.Step) string {
	on := when.DateTime(s.At)
	switch s.Act {
	case key.Make:
		return "its successor is made and published on " + on
	case key.Publish:
		return "is published within a minute"
	case key.Retire:
		return "leaves the key set and is wiped on " + on
	}
	if len(s.Waits) > 0 {
		return fmt.Sprintf("signs on %s, or earlier, once it has been fetched by %s", on,
			strings.Join(s.Waits, ", "))
	}
	return "signs from " + on
}

// keysRotate replaces signing keys before their time.
type keysRotate struct {
	cli.System
	cli.Output
	Now    bool          `help:"Sign with a new key at once, without waiting for anybody to fetch it."`
	Revoke string        `help:"With --now: take this key out of the key set at once. Nothing that it signed can be verified any longer." placeholder:"KID"`
	Alg    jwt.Algorithm `help:"Only the keys of this algorithm." placeholder:"ALG"`
}

// Run rotates, and prints how the keys stand then.
func (c *keysRotate) Run(ctx context.Context, p *cli.Printer) error {
	algorithms := key.Algorithms
	switch {
	case c.Revoke != "" && !c.Now:
		return cli.UsageError("--revoke takes effect at once: give it together with --now")
	case c.Revoke != "" && c.Alg != "":
		return cli.UsageError("--revoke names one key: leave --alg out")
	case c.Alg != "" && !slices.Contains(algorithms, c.Alg):
		return cli.UsageError(fmt.Sprintf("--alg: there are no %.20q keys, only %s", c.Alg, algorithms))
	case c.Alg != "":
		algorithms = []jwt.Algorithm{c.Alg}
	}
	ring, closing, err := keyring(ctx, c.System, c.OpenRunning)
	if err != nil {
		return err
	}
	defer closing()
	if err := c.rotate(ctx, ring, algorithms); err != nil {
		return err
	}
	return showKeys(ctx, p, ring)
}

func (c *keysRotate) rotate(ctx context.Context, ring *key.Ring, algorithms []jwt.Algorithm) error {
	by := actor.ForCommand("keys rotate")
	switch {
	case c.Revoke != "":
		return ring.Revoke(ctx, by, c.Revoke)
	case c.Now:
		return ring.Replace(ctx, by, algorithms...)
	}
	return ring.Announce(ctx, by, algorithms...)
}

// keysWrap brings master keys that were made before there was a security module under it.
type keysWrap struct {
	cli.System
	cli.Output
}

// Run wraps them.
func (c *keysWrap) Run(_ context.Context, p *cli.Printer) error {
	cfg, err := c.Read()
	if err != nil {
		return err
	}
	if cfg.HSM.Module == "" {
		return cli.UsageError("no security module is configured: name it in [hsm]")
	}
	return app.WithMasterKey(cfg, func(f seal.File) error {
		n, err := f.WrapBare()
		if err != nil {
			return c.MasterKeyProblem(cfg, err)
		}
		return p.Result(map[string]int{"wrapped": n}, func() {
			p.Say("Master keys wrapped: %d. Destroy every copy of the old file.", n)
		})
	})
}
