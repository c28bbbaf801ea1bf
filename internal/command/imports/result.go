package imports

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"signpost/internal/command/cli"
	"signpost/internal/dos/directory/importing"
	"signpost/internal/platform/records"
)

// result says what an import did or would do.
type result struct {
	File      string                 `json:"file"`
	Format    string                 `json:"format"`
	Rows      int                    `json:"rows"`
	Added     int                    `json:"added"`
	Changed   int                    `json:"changed"`
	Unchanged int                    `json:"unchanged"`
	Counted   map[string]int         `json:"counted"`
	About     []string               `json:"about"`
	ByReason  []records.ReasonCount  `json:"refused_by_reason"`
	Refused   []records.Refused      `json:"refused"`
	Collided  []importing.Collision  `json:"collisions"`
	Differs   []importing.Difference `json:"differences"`
	LeftOut   []records.Refused      `json:"left_out"`
	Notes     []records.Refused      `json:"notes"`
	Applied   bool                   `json:"applied"`
	ImportID  string                 `json:"import_id,omitempty"`

	flags       *rowFlags
	command     []string // that was given, up to the file and what every import of a file has
	refusedFile string   // that the refused rows were written to
	removed     bool     // there were none, and a file of earlier ones was removed
}

func resultOf(c *fileFlags, kind string, f importing.Format, r importing.Reading, plan importing.Plan) result {
	return result{
		File:      filepath.Base(c.File),
		Format:    f.Name,
		Rows:      r.Rows,
		Added:     plan.Added,
		Changed:   plan.Changed,
		Unchanged: plan.Unchanged + r.Unchanged,
		Counted:   r.Counted,
		About:     cli.Listed(r.About),
		ByReason:  records.CountReasons(r.Refused),
		Refused:   cli.Listed(r.Refused),
		Collided:  cli.Listed(r.Collisions),
		Differs:   cli.Listed(r.Differences),
		LeftOut:   cli.Listed(r.LeftOut),
		Notes:     cli.Listed(r.Notes),
		flags:     &c.rowFlags,
		command:   c.command(kind),
	}
}

// command is the command line up to what every import of a file has.
func (c *fileFlags) command(kind string) []string {
	words := []string{"import"}
	if kind != "" {
		words = append(words, kind)
	}
	if c.Format != "" {
		words = append(words, "--format", c.Format)
	}
	if c.ChangeExisting {
		words = append(words, "--change-existing")
	}
	return words
}

// apply writes what the plan says, if it changes anything.
func (r *result) apply(show *cli.Progress, write func() (id string, err error)) (err error) {
	r.ImportID, err = write()
	show.Done()
	if err != nil && r.ImportID != "" {
		return fmt.Errorf("the import was interrupted and what it wrote is kept; "+
			"go on with: %s: %w", r.flags.CommandLine("import", "resume", r.ImportID), err)
	}
	return err
}

func (c *rowFlags) report(p *cli.Printer, r result) error {
	if err := p.Result(r, func() { r.say(p) }); err != nil {
		return err
	}
	if c.Strict && len(r.Refused) > 0 {
		return fmt.Errorf("nothing was written: %s refused and --strict was given", wereOf(len(r.Refused)))
	}
	if len(r.Refused) > 0 {
		return cli.ErrRefusedRows
	}
	return nil
}

// say prints the result: counts by reason first, then rows, then what was or would be done.
func (r result) say(p *cli.Printer) {
	for _, about := range r.About {
		p.Say("%s", about)
	}
	sayReasons(p, "taken", records.CountReasons(r.Notes))
	sayReasons(p, "left out", records.CountReasons(r.LeftOut))
	sayReasons(p, "refused", r.ByReason)
	sayCollisions(p, r.Collided)
	sayDifferences(p, r.Differs)
	sayRows(p, "taken", r.Notes)
	sayRows(p, "left out", r.LeftOut)
	sayRows(p, "refused", r.Refused)
	if r.refusedFile != "" {
		p.Say("The refused rows are in %s. Mend them there and import that file.", r.refusedFile)
	}
	if r.removed {
		p.Say("No row was refused: %s, which was there before, is removed.", r.flags.Refused)
	}
	p.Say("%s: %s: %s.", r.File, rowCount(r.Rows), strings.Join(r.counts(), ", "))
	switch {
	case !r.Applied && r.flags.Strict && len(r.Refused) > 0: // the error says so
	case r.ImportID == "" && r.Added+r.Changed == 0:
		p.Say("Nothing to write: %s.", r.whyNothing())
	case !r.Applied:
		p.Say("Nothing was written. To write it: %s", r.applyCommand())
	case r.Applied:
		p.Say("Written as import %s. To undo it: %s", r.ImportID, r.flags.CommandLine("import", "undo", r.ImportID))
	}
}

// whyNothing says why there is nothing to write.
func (r result) whyNothing() string {
	switch {
	case r.Unchanged == 0:
		return "no row of the file can be taken"
	case len(r.Refused) > 0:
		return "the records already match the rows that can be taken"
	}
	return "the records already match the file"
}

// counts say in figures what becomes of the rows.
func (r result) counts() []string {
	counts := []string{
		fmt.Sprintf("%d to add", r.Added), fmt.Sprintf("%d to change", r.Changed),
		fmt.Sprintf("%d unchanged", r.Unchanged), fmt.Sprintf("%d refused", len(r.Refused)),
	}
	if len(r.LeftOut) > 0 {
		counts = append(counts, fmt.Sprintf("%d left out", len(r.LeftOut)))
	}
	for _, what := range slices.Sorted(maps.Keys(r.Counted)) {
		counts = append(counts, fmt.Sprintf("%d of them %s", r.Counted[what], what))
	}
	return counts
}

func rowCount(n int) string {
	if n == 1 {
		return "1 row"
	}
	return fmt.Sprintf("%d rows", n)
}

func wereOf(n int) string {
	if n == 1 {
		return "1 row was"
	}
	return fmt.Sprintf("%d rows were", n)
}

func sayReasons(p *cli.Printer, became string, reasons []records.ReasonCount) {
	for _, r := range reasons {
		where := ""
		if r.Field != "" {
			where = ", column " + r.Field
		}
		p.Say("%s %s%s: %s", rowCount(r.Rows), became, where, r.Reason)
	}
}

// sayCollisions prints each username and address that several have, with all who have it.
func sayCollisions(p *cli.Printer, list []importing.Collision) {
	for _, c := range list[:min(len(list), maxShown)] {
		who := rowsText(c.Rows)
		for _, username := range c.Accounts {
			who += ", the account " + username
		}
		if c.Allowed {
			who += ", which is allowed: all but one are shared accounts"
		}
		p.Say("collision: the %s %s: %s", c.What, c.Value, who)
	}
	if len(list) > maxShown {
		p.Say("%d more collisions: --json lists them all.", len(list)-maxShown)
	}
}

// sayDifferences prints in what rows say otherwise than the accounts that are there: each row once, and below it a line
// for each column, which a terminal of 80 columns mostly holds.
func sayDifferences(p *cli.Printer, list []importing.Difference) {
	row := 0
	for _, d := range list[:min(len(list), maxShown)] {
		if d.Row != row {
			p.Say("differs: row %d, account %s", d.Row, d.Account)
			row = d.Row
		}
		p.Say("  %s: there %q, in the file %q", d.Field, d.There, d.Here)
	}
	if len(list) > maxShown {
		p.Say("%d more differences: --json lists them all.", len(list)-maxShown)
	}
}

func rowsText(rows []int) string {
	if len(rows) == 1 {
		return fmt.Sprintf("row %d", rows[0])
	}
	var spans []string
	for begin := 0; begin < len(rows); {
		end := begin
		for end+1 < len(rows) && rows[end+1] == rows[end]+1 {
			end++
		}
		if len(spans) == maxSpans {
			return fmt.Sprintf("rows %s and %d more", strings.Join(spans, ", "), len(rows)-begin)
		}
		spans = append(spans, spanText(rows[begin], rows[end]))
		begin = end + 1
	}
	return "rows " + strings.Join(spans, ", ")
}

func spanText(first, last int) string {
	switch last {
	case first:
		return fmt.Sprint(first)
	case first + 1:
		return fmt.Sprintf("%d, %d", first, last)
	}
	return fmt.Sprintf("%d to %d", first, last)
}

const (
	// maxShown is how many lines of one kind are printed; --json prints all rows.
	maxShown = 50
	// maxSpans is how many runs of rows one line names.
	maxSpans = 10
)

// alike are the rows of which the same is said of the same column.
type alike struct {
	field, reason string
	rows          []int
}

// gather puts rows of which the same is said together, in the order of the first of them.
func gather(rows []records.Refused) (list []alike) {
	at := map[[2]string]int{}
	for _, n := range rows {
		key := [2]string{n.Field, n.Reason}
		i, known := at[key]
		if !known {
			i = len(list)
			at[key] = i
			list = append(list, alike{field: n.Field, reason: n.Reason})
		}
		list[i].rows = append(list[i].rows, n.Number)
	}
	return list
}

func sayRows(p *cli.Printer, became string, rows []records.Refused) {
	list := gather(rows)
	for _, one := range list[:min(len(list), maxShown)] {
		at := rowsText(one.rows)
		if one.field != "" {
			at += ", column " + one.field
		}
		p.Say("%s: %s. %s", at, became, one.reason)
	}
	left := 0
	for _, one := range list[min(len(list), maxShown):] {
		left += len(one.rows)
	}
	if left > 0 {
		p.Say("%s more %s: --json lists them all.", rowCount(left), became)
	}
}

// applyCommand is the command line that writes what this one has read.
func (r result) applyCommand() string {
	words := slices.Clone(r.command)
	if r.flags.Strict {
		words = append(words, "--strict")
	}
	return r.flags.CommandLine(append(words, r.flags.File, "--apply")...)
}
