package imports

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"signpost/internal/app"
	"signpost/internal/careid/registration/staffrecord"
	"signpost/internal/command/cli"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/clock"
	"signpost/internal/platform/records"
	"signpost/internal/platform/sheet"
)

// staffMessages reads messages of staff records.
type staffMessages struct {
	rowFlags

	Answers string `help:"Write what became of each message, with the number of the Care Identity, to a CSV file." type:"path" placeholder:"FILE"`
}

// messagesResult says what became of a file of messages.
type messagesResult struct {
	File     string            `json:"file"`
	Rows     int               `json:"rows"`
	Before   int               `json:"received_before"`
	Counted  map[string]int    `json:"counted"` // by message and state
	Classes  map[string]int    `json:"classes"` // of comparisons
	Messages []messageAnswer   `json:"messages"`
	About    []string          `json:"about"`
	Refused  []records.Refused `json:"refused"`
	Applied  bool              `json:"applied"`
}

// messageAnswer is what became of one message.
type messageAnswer struct {
	Organisation string `json:"organisation"`
	ID           string `json:"id"`
	Kind         string `json:"message"`
	staffrecord.Outcome
}

// Run reads the file and says what would become of its messages, or takes them.
func (c *staffMessages) Run(ctx context.Context, p *cli.Printer) error {
	if err := c.check(); err != nil {
		return err
	}
	show := p.Progress()
	reading, err := readRows(&c.rowFlags, show, func(from io.Reader, progress func(int)) (staffrecord.Reading, error) {
		return staffrecord.Read(from, clock.System{}, progress)
	})
	if err != nil {
		return err
	}
	if err := c.writeRefused(reading.WriteRefused, &result{Refused: reading.Refused, flags: &c.rowFlags}); err != nil {
		return err
	}
	box, err := c.box()
	if err != nil {
		return err
	}
	d, err := c.OpenRunning(ctx, app.CareID)
	if err != nil {
		return err
	}
	defer func() { _ = d.Close() }()
	feed := staffrecord.Feed{DB: d, Box: box}
	apply := c.Apply && (!c.Strict || len(reading.Refused) == 0)
	take := feed.Rehearse
	if apply {
		take = feed.Send
	}
	answers, err := take(ctx, actor.ForCommand("import "+staffrecord.Form), reading.Messages, show.Of("looked at"))
	show.Done()
	if err != nil {
		return err
	}
	res := c.resultOf(reading, answers)
	res.Applied = apply
	if err := c.writeAnswers(res.Messages); err != nil {
		return err
	}
	return c.tell(p, res)
}

func (c *staffMessages) resultOf(r staffrecord.Reading, answers []staffrecord.Answer) messagesResult {
	res := messagesResult{
		File: filepath.Base(c.File), Rows: r.Rows, Counted: map[string]int{}, Classes: map[string]int{},
		Messages: []messageAnswer{}, About: cli.Listed(r.About), Refused: cli.Listed(r.Refused),
	}
	for _, a := range answers {
		if a.Before {
			res.Before++
		}
		res.Counted[string(a.Message.Kind)+", "+string(a.Outcome.State)]++
		if a.Outcome.Class != "" {
			res.Classes[string(a.Outcome.Class)]++
		}
		res.Messages = append(res.Messages, messageAnswer{
			Organisation: a.Message.Organisation, ID: a.Message.ID, Kind: string(a.Message.Kind), Outcome: a.Outcome,
		})
	}
	return res
}

// writeAnswers writes the file of answers, where one was asked for.
func (c *staffMessages) writeAnswers(list []messageAnswer) error {
	if c.Answers == "" {
		return nil
	}
	var rows [][]string
	for _, a := range list {
		rows = append(rows, []string{a.Organisation, a.ID, a.Kind, string(a.State), string(a.Class), a.UUID,
			strings.Join(a.Others, " "), a.Request, a.Text})
	}
	text, err := sheet.CSV([]string{"organisation", "id", "message", "state", "class", "uuid", "other_uuids", "request",
		"text"}, rows)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Clean(c.Answers), text, 0o600); err != nil {
		return fmt.Errorf("--answers: %w", err)
	}
	return nil
}

const maxToldMessages = 20 // of those that wait or failed

// tell says what became of the messages. Those that wait or failed are a part of ordinary life, which the console
// lists; only rows that cannot be read make the command fail.
func (c *staffMessages) tell(p *cli.Printer, r messagesResult) error {
	err := p.Result(r, func() {
		p.Say("%d rows: %d messages, %d of them received before, %d rows refused.", r.Rows, len(r.Messages), r.Before,
			len(r.Refused))
		sayCounts(p, r.Counted)
		sayCounts(p, r.Classes)
		told := 0
		for _, m := range r.Messages {
			if m.State != staffrecord.Failed && m.State != staffrecord.Waiting {
				continue
			}
			if told++; told <= maxToldMessages {
				p.Say("%s of %s, %s: %s. %s", m.ID, m.Organisation, m.Kind, m.State, m.Text)
			}
		}
		if told > maxToldMessages {
			p.Say("… and %d more: --answers FILE writes them all.", told-maxToldMessages)
		}
		for _, one := range r.Refused {
			p.Say("Row %d, %s: %s.", one.Number, one.Field, one.Reason)
		}
		if !r.Applied {
			p.Say("Nothing was written. To write it: %s",
				c.CommandLine("import", staffrecord.Form, c.File, "--apply"))
		}
	})
	if err == nil && len(r.Refused) > 0 {
		return cli.ErrRefusedRows
	}
	return err
}

func sayCounts(p *cli.Printer, counts map[string]int) {
	var names []string
	for name := range counts {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		p.Say("  %s: %d", name, counts[name])
	}
}
