package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"

	"signpost/internal/command/cli"
	"signpost/internal/dos/rollout/planning"
	"signpost/internal/dos/rollout/readiness"
	"signpost/internal/dos/rollout/readiness/report"
	"signpost/internal/national/authn"
	"signpost/internal/national/path"
	"signpost/internal/platform/clock"
	"signpost/internal/platform/sheet"
)

// readinessCommand is signpost readiness.
var readinessCommand = cli.Command{
	Name: "readiness",
	Help: "Say from two CSV files who is ready to log in with a Care Identity, and what each of the others must do " +
		"next. It needs no set-up and no network.",
	Flags: func() any { return new(readinessFlags) },
}

type readinessFlags struct {
	cli.Output
	Accounts   string            `help:"List of DoS accounts: CSV or XLSX, one account a row." required:"" type:"path" placeholder:"FILE"`
	Identities string            `help:"List of Care Identities. Without it everybody is asked about theirs." type:"path" placeholder:"FILE"`
	Out        string            `help:"Folder to write the report into." default:"./readiness" type:"path" placeholder:"DIR"`
	Since      string            `help:"readiness.json of an earlier report, to say what changed." type:"path" placeholder:"FILE"`
	Phase      string            `help:"Phase of the move in which everybody is counted: ${enum}." enum:"prepare,choose,require,closed" default:"choose"`
	Approved   []string          `help:"Authenticators that organisations approve, where the list does not say, such as smartcard_internet,security_key." placeholder:"KIND"`
	Column     map[string]string `help:"Heading under which a column stands, such as accounts.email=E-post. Repeat it for others." placeholder:"LIST.COLUMN=HEADING"`
	Days       map[string]int    `help:"Working days that an owner needs for a step, such as registration_authority=10." placeholder:"OWNER=DAYS"`
}

// readinessResult is what the command gives as JSON. The file readiness.json has everybody.
type readinessResult struct {
	Folder  string              `json:"folder"`
	Files   int                 `json:"files"`
	Summary report.Summary      `json:"summary"`
	Changes *report.Changes     `json:"changes,omitempty"`
	Refused []readiness.Refused `json:"refused"`
}

// Run reads the lists and writes the report.
func (c *readinessFlags) Run(_ context.Context, p *cli.Printer) error {
	defer debug.SetGCPercent(debug.SetGCPercent(collectLess)) // it reads much, keeps most of it, and ends
	options, err := c.options()
	if err != nil {
		return err
	}
	before, err := c.before()
	if err != nil {
		return err
	}
	now := clock.System{}.Now
	result, err := readiness.Compute(options)
	if err != nil {
		return err
	}
	written, err := report.Write(result, report.Options{Folder: c.Out, Now: now(), Before: before})
	if err != nil {
		return err
	}
	refused := slices.Concat(result.Accounts.Refused, result.Identities.Refused)
	found := readinessResult{c.Out, len(written.Files), written.Summary, written.Changes, cli.Listed(refused)}
	err = p.Result(found, func() {
		for _, line := range report.Lines(result, written) {
			p.Say("%s", line)
		}
		p.Say("Wrote %d files to %s. Open %s in a browser.", found.Files, c.Out,
			filepath.Join(c.Out, "readiness.html"))
	})
	if err == nil && len(refused) > 0 {
		return cli.ErrRefusedRows
	}
	return err
}

// collectLess is how much memory may grow, in per cent, before what is not used any more is looked for.
const collectLess = 200

func (c *readinessFlags) options() (readiness.Options, error) {
	o := readiness.Options{Accounts: source(c.Accounts), Days: map[path.Owner]int{},
		AccountColumns: map[string]string{}, IdentityColumns: map[string]string{},
		Phase: path.PhaseOf(c.Phase)}
	if c.Identities != "" {
		o.Identities = source(c.Identities)
	}
	for column, heading := range c.Column {
		list, name, _ := strings.Cut(column, ".")
		switch list {
		case "accounts":
			o.AccountColumns[name] = heading
		case "identities":
			o.IdentityColumns[name] = heading
		default:
			return o, cli.UsageError(fmt.Sprintf("--column %s=%s: begin with accounts. or identities.", column,
				heading))
		}
	}
	for _, text := range c.Approved {
		kind := authn.Kind(text)
		if !kind.Valid() {
			return o, cli.UsageError(fmt.Sprintf("--approved %s: the kinds are %s", text, joined(authn.Kinds())))
		}
		o.Approved = append(o.Approved, kind)
	}
	for text, days := range c.Days {
		owner := path.Owner(text)
		if _, known := planning.UsualDays()[owner]; !known || days < 0 {
			return o, cli.UsageError(fmt.Sprintf("--days %s=%d: the owners are person, registration_authority, "+
				"dos_administrator, local_it and service_desk, and days are 0 or more", text, days))
		}
		o.Days[owner] = days
	}
	return o, nil
}

func joined(kinds []authn.Kind) string {
	var names []string
	for _, kind := range kinds {
		names = append(names, string(kind))
	}
	return strings.Join(names, ", ")
}

// before reads the earlier report, where one was named.
func (c *readinessFlags) before() (before *report.Before, err error) {
	if c.Since == "" {
		return nil, nil //nolint:nilnil // no report to compare with is no error
	}
	file, err := os.Open(filepath.Clean(c.Since))
	if err != nil {
		return nil, fmt.Errorf("open the earlier report: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	return report.ReadBefore(file)
}

// source opens a file.
func source(file string) sheet.Source {
	return func() (io.ReadCloser, error) { return os.Open(filepath.Clean(file)) }
}
