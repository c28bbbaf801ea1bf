package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"

	"signpost/internal/double"
	"signpost/internal/double/file"
	"signpost/internal/national/cis2"
)

// doubleCommand runs a stand-in for CIS2 that a service is tested with.
type doubleCommand struct {
	File       string `help:"TOML file of the clients and the people." required:"" type:"path" placeholder:"FILE"`
	Listen     string `help:"Where to listen; this machine only." default:"127.0.0.1:8090"`
	Host       string `help:"The host in the issuer; it answers to both." enum:"localhost,cis2.localhost" default:"localhost"`
	Address    string `help:"The double's address as others see it, such as https://cis2.test, where a proxy on this machine stands in front of it." placeholder:"URL"`
	IssuerPort string `help:"Whether the issuer names its port where it is the usual one: CIS2's does (explicit)." enum:"usual,explicit" default:"usual"`
	Data       string `help:"Folder to keep the double in; thrown away if not given." type:"path" placeholder:"DIR"`
	Record     string `help:"File to write all that is asked and answered to." default:"signpost-double.jsonl" type:"path" placeholder:"FILE"`
	Replay     string `help:"Replay such a recording against a new double, say where answers differ, and end." type:"path" placeholder:"FILE"`
	Log        string `help:"File to write the log to; none if not given." type:"path" placeholder:"FILE"`
}

// errDiffers is a replay that went otherwise than what was recorded.
var errDiffers = errors.New("some answers differ from the recording")

// Run makes the double and serves it until ctx ends.
func (c *doubleCommand) Run(ctx context.Context, out streams) (err error) {
	o, err := c.options()
	if err != nil {
		return err
	}
	log, closeLog, err := logTo(c.Log)
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
		return c.replay(ctx, o, out)
	}
	return c.serve(ctx, o, out)
}

// options checks what was asked for.
func (c *doubleCommand) options() (o double.Options, err error) {
	host, port, err := net.SplitHostPort(c.Listen)
	if err != nil || !net.ParseIP(host).IsLoopback() {
		return o, usageError("--listen must be an address of this machine, like 127.0.0.1:8090: whoever reaches the double can sign in as anybody")
	}
	if c.Replay != "" && c.Data != "" {
		return o, usageError("--replay makes a new double and throws it away: take --data out")
	}
	if c.Address == "" {
		c.Address = "http://" + net.JoinHostPort(c.Host, port)
	}
	if _, err := hostOf(c.Address); err != nil {
		return o, usageError("--address: " + err.Error())
	}
	usual, explicit := ports(c.Address)
	o = double.Options{Address: usual, Issuer: usual + cis2.Realm, Wait: timer{}.Wait}
	if c.IssuerPort == "explicit" {
		o.Issuer = explicit + cis2.Realm
	}
	o.File, err = file.Read(c.File)
	return o, err
}

// ports gives an address without its port where that is the usual one, and with its port in any case.
func ports(address string) (usual, explicit string) {
	u, err := url.Parse(address)
	if err != nil {
		return address, address
	}
	standard := map[string]string{"http": "80", "https": "443"}[u.Scheme]
	port := u.Port()
	if port == "" {
		port = standard
	}
	u.Host = net.JoinHostPort(u.Hostname(), port)
	explicit, usual = u.String(), u.String()
	if port == standard {
		u.Host = u.Hostname()
		usual = u.String()
	}
	return usual, explicit
}

// folder gives the double its folder and says how to leave it.
func (c *doubleCommand) folder(o *double.Options) (clean func() error, err error) {
	if o.Folder = c.Data; o.Folder != "" {
		return func() error { return nil }, os.MkdirAll(o.Folder, 0o700)
	}
	if o.Folder, err = os.MkdirTemp("", "signpost-double-"); err != nil {
		return nil, fmt.Errorf("make folder for the double: %w", err)
	}
	o.Throwaway = true
	return func() error { return os.RemoveAll(o.Folder) }, nil
}

func (c *doubleCommand) serve(ctx context.Context, o double.Options, out streams) (err error) {
	recording, err := os.OpenFile(filepath.Clean(c.Record), os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("open recording: %w", err)
	}
	defer func() { err = errors.Join(err, recording.Close()) }()
	o.Record = recording
	d, err := double.Open(ctx, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closed(ctx, d)) }()
	d.BeginRecording()
	l, err := listen(ctx, c.Listen)
	if err != nil {
		return err
	}
	fmt.Fprintf(out.out, "The double is at %s (stop it with Ctrl+C)\n  issuer     %s\n  discovery  %s/.well-known/openid-configuration\n  recording  %s\n",
		o.Address, d.Issuer(), o.Address+cis2.Realm, c.Record)
	return serveAll(ctx, serving{server(d.Handler(), o.Log), l})
}

// replay asks a new double what was recorded.
func (c *doubleCommand) replay(ctx context.Context, o double.Options, out streams) (err error) {
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
		fmt.Fprintf(out.out, "The recording was made from another file than %s: answers may differ for that reason.\n", c.File)
	}
	got, err := d.Replay(ctx, list, func(line string) { fmt.Fprintln(out.out, line) })
	if err != nil {
		return err
	}
	fmt.Fprintf(out.out, "%d requests recorded: %d answered the same, %d answered otherwise, %d left out: they are the client's own, or need secrets that are not recorded.\n",
		got.Recorded, got.Same, got.Differs, got.LeftOut)
	if got.Differs > 0 {
		return errDiffers
	}
	return nil
}

func closed(ctx context.Context, d *double.Double) error {
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastWords)
	defer cancel()
	return d.Close(last)
}
