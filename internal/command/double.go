package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"

	"signpost/internal/app"
	"signpost/internal/command/cli"
	"signpost/internal/config"
	"signpost/internal/double"
	"signpost/internal/double/file"
	"signpost/internal/national/cis2"
	"signpost/internal/platform/clock"
)

var doubleCommand = cli.Command{
	Name:  "double",
	Help:  "A stand-in for CIS2 on this machine, to test a service with: the people and clients of one file.",
	Flags: func() any { return new(doubleFlags) },
}

type doubleFlags struct {
	File       string `help:"TOML file of the clients and the people." required:"" type:"path" placeholder:"FILE"`
	Listen     string `help:"Where to listen; this machine only." default:"127.0.0.1:8090"`
	Host       string `help:"The host in the issuer; it answers to both." enum:"localhost,cis2.localhost" default:"localhost"`
	Address    string `help:"The double's address as others see it, such as https://cis2.test, where a proxy on this machine stands in front of it." placeholder:"URL"`
	IssuerPort string `help:"Whether the issuer names its port where it is the usual one: CIS2's does (explicit)." enum:"usual,explicit" default:"usual"`
	Data       string `help:"Folder to keep the double in; without it everything is discarded at the end." type:"path" placeholder:"DIR"`
	Record     string `help:"File to which every request and answer is written." default:"signpost-double.jsonl" type:"path" placeholder:"FILE"`
	Replay     string `help:"Replay such a recording against a new double, say where answers differ, and end." type:"path" placeholder:"FILE"`
	Log        string `help:"File to write the log to; none if not given." type:"path" placeholder:"FILE"`
}

// errDiffers is a replay that went otherwise than what was recorded.
var errDiffers = errors.New("some answers differ from the recording")

// Run makes the double and serves it until ctx ends.
func (c *doubleFlags) Run(ctx context.Context, p *cli.Printer) (err error) {
	o, err := c.options()
	if err != nil {
		return err
	}
	log, closeLog, err := cli.LogTo(c.Log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeLog()) }()
	o.Log = log
	clean, err := c.folder(&o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, clean()) }()
	if c.Replay != "" {
		return c.replay(ctx, o, p)
	}
	p.KeepServing()
	return c.serve(ctx, o, p)
}

// options checks what was asked for.
func (c *doubleFlags) options() (o double.Options, err error) {
	port, err := cli.Loopback(c.Listen, "127.0.0.1:8090", "whoever reaches the double can sign in as anybody")
	if err != nil {
		return o, err
	}
	if c.Replay != "" && c.Data != "" {
		return o, cli.UsageError("--replay makes a new double and discards it: leave out --data")
	}
	if c.Address == "" {
		c.Address = "http://" + net.JoinHostPort(c.Host, port)
	}
	if _, err := config.HostOf(c.Address); err != nil {
		return o, cli.UsageError("--address: " + err.Error())
	}
	usual, explicit := config.Ports(c.Address)
	o = double.Options{Address: usual, Issuer: usual + cis2.Realm, Wait: clock.System{}.Wait}
	if c.IssuerPort == "explicit" {
		o.Issuer = explicit + cis2.Realm
	}
	o.File, err = file.Read(c.File)
	return o, err
}

// folder gives the double its folder and says how to leave it.
func (c *doubleFlags) folder(o *double.Options) (clean func() error, err error) {
	if o.Folder = c.Data; o.Folder != "" {
		return func() error { return nil }, os.MkdirAll(o.Folder, 0o700)
	}
	if o.Folder, err = os.MkdirTemp("", "signpost-double-"); err != nil {
		return nil, fmt.Errorf("make folder for the double: %w", err)
	}
	o.Throwaway = true
	return func() error { return os.RemoveAll(o.Folder) }, nil
}

func (c *doubleFlags) serve(ctx context.Context, o double.Options, p *cli.Printer) (err error) {
	recording, err := os.OpenFile(filepath.Clean(c.Record), os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("open recording: %w", err)
	}
	defer func() { err = errors.Join(err, recording.Close()) }()
	o.Record = recording
	d, err := double.Open(ctx, o)
	if err != nil {
		return cli.UnlessStopped(ctx, err)
	}
	defer func() { err = errors.Join(err, closed(ctx, d)) }()
	d.BeginRecording()
	serving, err := app.Listen(ctx, o.Log, app.Listener{Name: "double", Address: c.Listen, Handler: d.Handler()})
	if err != nil {
		return cli.OtherPort(err)
	}
	p.Say("The double is at %s (stop it with Ctrl+C)", o.Address)
	p.Say("  issuer     %s", d.Issuer())
	p.Say("  discovery  %s/.well-known/openid-configuration", o.Address+cis2.Realm)
	p.Say("  recording  %s", c.Record)
	return serving.Serve(ctx, config.StopAtOnce())
}

// replay asks a new double what was recorded.
func (c *doubleFlags) replay(ctx context.Context, o double.Options, p *cli.Printer) (err error) {
	recording, err := os.Open(filepath.Clean(c.Replay))
	if err != nil {
		return fmt.Errorf("open recording: %w", err)
	}
	defer recording.Close()
	o.Record = io.Discard
	d, err := double.Open(ctx, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closed(ctx, d)) }()
	list, same, err := d.ReadRecording(recording)
	if err != nil {
		return fmt.Errorf("%s: %w", c.Replay, err)
	}
	if !same {
		p.Say("The recording was made from another file than %s: answers may differ for that reason.", c.File)
	}
	got, err := d.Replay(ctx, list, func(line string) { p.Say("%s", line) })
	if err != nil {
		return err
	}
	p.Say("%d requests recorded: %d answered the same, %d answered otherwise, %d left out: they are the client's own, "+
		"or need secrets that are not recorded.", got.Recorded, got.Same, got.Differs, got.LeftOut)
	if got.Differs > 0 {
		return errDiffers
	}
	return nil
}

func closed(ctx context.Context, d *double.Double) error {
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), app.LastWords)
	defer cancel()
	return d.Close(last)
}
