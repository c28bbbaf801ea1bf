package report

import (
	"fmt"
	"strings"

	"signpost/internal/dos/rollout/planning"
	"signpost/internal/dos/rollout/readiness"
)

const (
	barLetters = 30 // of the longest bar on a terminal
	maxLines   = 12 // of refused rows; all are in refused.csv
)

// Lines says on a terminal what was found, in lines of at most 80 letters or as long as what they quote.
func Lines(r *readiness.Result, w Written) (lines []string) {
	say := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	s := w.Summary
	say("Accounts: %s. Rows of Care Identities: %s.", thousands(s.Accounts), thousands(r.Identities.Rows))
	for _, state := range planning.States() {
		say("%s", countLine(state.Title(), s.States[state], s.Accounts))
	}
	if len(s.Waiting) > 0 {
		say("")
		say("Who has to act next:")
	}
	for _, owner := range s.owners() {
		say("%s", countLine(owner.Title(), s.Waiting[owner], s.Accounts))
	}
	say("")
	say("What was found among the Care Identities:")
	for _, class := range readiness.Classes() {
		if s.Classes[class] > 0 {
			say("%s", countLine(class.Title(), s.Classes[class], s.Accounts))
		}
	}
	say("")
	lines = append(lines, columnLines("Accounts", r.Accounts)...)
	if r.Identities.About.Heading != nil {
		lines = append(lines, columnLines("Care Identities", r.Identities)...)
	}
	lines = append(lines, s.Unsaid...)
	if c := w.Changes; c != nil {
		say("Since the report before: %s nearer, %s further, %s otherwise, %s new, %s gone.", thousands(c.Forward),
			thousands(c.Back), thousands(c.Other), thousands(c.Added), thousands(c.Gone))
	}
	return append(lines, refusedLines(r)...)
}

// countLine is a title with its number, its share and a bar.
func countLine(title string, n, total int) string {
	bar := ""
	if total > 0 {
		bar = strings.Repeat("█", (n*barLetters+total-1)/total)
	}
	return strings.TrimRight(fmt.Sprintf("  %-32s %9s %9s  %s", title, thousands(n), percent(n, total), bar), " ")
}

// columnLines says under which headings columns were found.
func columnLines(title string, reading readiness.Reading) []string {
	var parts []string
	for _, c := range listOf(title, reading).Columns {
		parts = append(parts, fmt.Sprintf("%s (%s)", c.Column, c.Under))
	}
	return append([]string{title + ", columns understood: " + strings.Join(parts, ", ") + "."}, reading.About.Notes...)
}

func refusedLines(r *readiness.Result) (lines []string) {
	for _, list := range []readiness.Reading{r.Accounts, r.Identities} {
		for _, one := range list.Refused {
			if len(lines) == maxLines {
				return append(lines, fmt.Sprintf("%s rows were refused in all. Each is in refused.csv.",
					thousands(len(r.Accounts.Refused)+len(r.Identities.Refused))))
			}
			lines = append(lines, one.Reason)
		}
	}
	return lines
}
