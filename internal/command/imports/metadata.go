package imports

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"signpost/internal/app"
	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/metadata"
	"signpost/internal/command/cli"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/clock"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/when"
)

// metadataFile reads an issue of the FIDO Alliance's metadata into the care identity side.
type metadataFile struct {
	cli.System
	cli.Output
	Root  []string `help:"Certificate in PEM to which the signature must lead, in the place of the FIDO Alliance's own. May be given again." type:"path" placeholder:"FILE"`
	Apply bool     `help:"Save it, and judge the authenticators that are registered by it. Without it nothing is changed."`
	File  string   `arg:"" help:"The file to read, as https://mds3.fidoalliance.org gives it." type:"path"`
}

// metadataResult says what an issue holds, and what became of it.
type metadataResult struct {
	Number     int64             `json:"number"`
	NextUpdate string            `json:"next_update"` // 2027-01-31
	Models     int               `json:"models"`
	Other      int               `json:"other"` // of protocols before FIDO2
	Unread     []metadata.Unread `json:"unread"`
	Unknown    []string          `json:"unknown_statuses"`
	Applied    bool              `json:"applied"`
	Saved      metadata.Saved    `json:"saved,omitzero"`

	overdue bool
	next    time.Time
}

const maxMetadata = 64 << 20 // bytes; the national file has some megabytes

// Run reads the file and says what it holds, or stores it.
func (c *metadataFile) Run(ctx context.Context, p *cli.Printer) error {
	roots, err := c.roots()
	if err != nil {
		return err
	}
	text, err := readWhole(c.File, maxMetadata)
	if err != nil {
		return err
	}
	now := clock.System{}.Now()
	blob, err := metadata.Read(text, roots, now)
	if err != nil {
		return err
	}
	result := metadataResultOf(blob, now)
	d, err := c.OpenExisting(ctx, app.CareID)
	if err == nil && d == nil {
		err = errNobody
	}
	if err != nil {
		return err
	}
	defer func() { _ = cli.CloseIfOpen(d) }()
	if err := c.keep(ctx, d, blob, &result); err != nil {
		return err
	}
	return c.report(p, result)
}

// keep saves an issue and has a node judge authenticators by it, or looks only whether it could be saved.
func (c *metadataFile) keep(ctx context.Context, d *db.DB, blob metadata.Blob, result *metadataResult) (err error) {
	if !c.Apply {
		return d.View(ctx, func(r db.R) error { return metadata.MayFollow(ctx, r, blob) })
	}
	result.Applied = true
	by := actor.ForCommand("import metadata")
	result.Saved, err = db.Write(ctx, d, by, func(w *db.W) (metadata.Saved, error) {
		saved, err := metadata.Save(ctx, w, blob)
		if err != nil {
			return saved, err
		}
		return saved, w.Enqueue(ctx, authenticator.JudgeJob{})
	})
	return err
}

func metadataResultOf(b metadata.Blob, now time.Time) metadataResult {
	r := metadataResult{
		Number: b.Number, NextUpdate: b.NextUpdate.Format(time.DateOnly), Models: len(b.Models), Other: b.Other,
		Unread: cli.Listed(b.Unread), Unknown: []string{}, next: b.NextUpdate,
		overdue: metadata.Issue{NextUpdate: b.NextUpdate}.Overdue(now),
	}
	for _, m := range b.Models {
		for _, status := range m.Unknown() {
			if !slices.Contains(r.Unknown, status) {
				r.Unknown = append(r.Unknown, status)
			}
		}
	}
	return r
}

// roots gives the certificates that were named, or else the FIDO Alliance's own.
func (c *metadataFile) roots() (list []*x509.Certificate, err error) {
	if len(c.Root) == 0 {
		root, err := metadata.Root()
		return []*x509.Certificate{root}, err
	}
	for _, path := range c.Root {
		text, err := readWhole(path, maxMetadata)
		if err != nil {
			return nil, err
		}
		block, _ := pem.Decode(text)
		if block == nil || block.Type != "CERTIFICATE" {
			return nil, fault.SayCure(fault.Invalid, filepath.Base(path)+" is no certificate in PEM.",
				"It begins with -----BEGIN CERTIFICATE-----. To convert one: openssl x509 -inform der -in FILE.")
		}
		root, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", filepath.Base(path), err)
		}
		list = append(list, root)
	}
	return list, nil
}

// readWhole reads a file of at most so many bytes.
func readWhole(path string, maxBytes int64) ([]byte, error) {
	file, err := os.Open(filepath.Clean(path))
	if err != nil {
		return nil, fmt.Errorf("%s: %s", filepath.Base(path), cli.Sentence(fmt.Errorf("cannot be opened: %w", err)))
	}
	defer func() { _ = file.Close() }()
	text, err := io.ReadAll(io.LimitReader(file, maxBytes+1))
	if err == nil && int64(len(text)) > maxBytes {
		err = errors.New("it is too long")
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %s", filepath.Base(path), cli.Sentence(fmt.Errorf("cannot be read: %w", err)))
	}
	return text, nil
}

func (c *metadataFile) report(p *cli.Printer, r metadataResult) error {
	err := p.Result(r, func() {
		p.Say("FIDO metadata number %d: %d models; the next issue is due on %s.", r.Number, r.Models, when.Date(r.next))
		if r.overdue {
			p.Say("It is overdue: fetch the newest issue from https://mds3.fidoalliance.org.")
		}
		if r.Other > 0 {
			p.Say("Left out: %d entries of authenticators before FIDO2.", r.Other)
		}
		for _, one := range r.Unread {
			p.Say("Cannot be read, so the model proves nothing: %s: %s.", one.AAGUID, one.Reason)
		}
		for _, status := range r.Unknown {
			p.Say("A status that Signpost does not know, which changes nothing: %s.", status)
		}
		if !r.Applied {
			p.Say("Nothing was written. To write it: %s", c.CommandLine("import", "metadata", c.File, "--apply"))
			return
		}
		p.Say("Saved: %d new models, %d changed, %d gone. The sign-in service judges what is registered by it now, or "+
			"when it starts.", r.Saved.New, r.Saved.Changed, r.Saved.Gone)
	})
	if err == nil && len(r.Unread) > 0 {
		return cli.ErrRefusedRows
	}
	return err
}
