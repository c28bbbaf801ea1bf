package received

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net/textproto"
	"strings"
)

// Report is what a mail server tells about a mail of ours (RFC 3464).
type Report struct {
	Action    string // failed, delayed, delivered, relayed or expanded; empty if there is no report
	Status    string // "5.1.1": 5 is for good, and 4 for now
	Diagnosis string // in words of the other server
}

// Found reports whether there is a report.
func (r Report) Found() bool { return r.Action != "" }

// Failed reports whether the mail does not arrive.
func (r Report) Failed() bool { return r.Action == "failed" }

// ForGood reports whether no other mail to the address would arrive either.
func (r Report) ForGood() bool { return r.Failed() && strings.HasPrefix(r.Status, "5.") }

// readReport reads the fields of the first recipient: mails of ours have one.
func readReport(content []byte) Report {
	fields := textproto.NewReader(bufio.NewReader(bytes.NewReader(content)))
	for range maxParts {
		block, err := fields.ReadMIMEHeader()
		if action := strings.ToLower(strings.TrimSpace(block.Get("Action"))); action != "" {
			return Report{Action: inOneLine(action), Status: inOneLine(block.Get("Status")),
				Diagnosis: inOneLine(block.Get("Diagnostic-Code"))}
		}
		if err != nil && !errors.Is(err, io.EOF) || errors.Is(err, io.EOF) && len(block) == 0 {
			break
		}
	}
	return Report{}
}
