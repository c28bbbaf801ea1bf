package readiness

import (
	"bytes"
	"slices"
	"strings"

	"signpost/internal/national/authn"
	"signpost/internal/national/path"
	"signpost/internal/national/rbac"
	"signpost/internal/platform/searchname"
)

// read gives what a cell says, reading cells that are written alike once: a list has few statuses and positions, each
// in many rows.
func read[T any](known map[string]T, cell []byte, reader func([]byte) T) T {
	if value, is := known[string(cell)]; is {
		return value
	}
	value := reader(cell)
	known[string(cell)] = value
	return value
}

// words is what one worker read of the cells that say one of a few things.
type words struct {
	status    map[string]status
	yes       map[string]path.Known
	kind      map[string]Kind
	positions map[string]path.Known
	held      map[string]authenticators
	texts     map[string]string
}

func newWords() words {
	return words{map[string]status{}, map[string]path.Known{}, map[string]Kind{}, map[string]path.Known{},
		map[string]authenticators{}, map[string]string{}}
}

func (w words) statusOf(cell []byte) status       { return read(w.status, cell, statusIn) }
func (w words) yesOrNo(cell []byte) path.Known    { return read(w.yes, cell, yesOrNo) }
func (w words) kindOf(cell []byte) Kind           { return read(w.kind, cell, kindIn) }
func (w words) positionOf(cell []byte) path.Known { return read(w.positions, cell, positionIn) }
func (w words) heldIn(cell []byte) authenticators { return read(w.held, cell, authenticatorsIn) }
func (w words) textOf(cell []byte) string {
	return read(w.texts, cell, func(c []byte) string { return string(c) })
}

// plainWord is a cell in lower case, with letters and digits alone.
func plainWord(cell []byte) string { return searchname.Fold(string(cell), -1) }

// yesOrNo reads a cell that says whether something is so. What it does not understand is not known.
func yesOrNo(cell []byte) path.Known {
	switch plainWord(cell) {
	case "y", "yes", "true", "t", "1", "x", "confirmed", "verified", "approved", "validated":
		return path.Yes
	case "n", "no", "false", "f", "0", "none", "unconfirmed", "unverified", "notverified", "notapproved":
		return path.No
	}
	return path.Unknown
}

// status is that of an account or a Care Identity.
type status int

const (
	unsaid status = iota // the cell is empty, or there is none
	active
	inactive // also what is not understood: somebody has to look at it
	closed   // gone for good
)

func statusIn(cell []byte) status {
	switch plainWord(cell) {
	case "":
		return unsaid
	case "active", "enabled", "open", "live", "usable", "current", "ok", "y", "yes", "true", "t", "1", "x":
		return active
	case "closed", "deceased", "deleted", "removed", "revoked", "merged":
		return closed
	}
	return inactive
}

// kindIn reads what kind an account is. What it does not understand is the account of one person.
func kindIn(cell []byte) Kind {
	word := plainWord(cell)
	starts := func(beginnings ...string) bool {
		return slices.ContainsFunc(beginnings, func(b string) bool { return strings.HasPrefix(word, b) })
	}
	switch {
	case starts("machine", "api", "webservice"):
		return Machine
	case starts("shared", "generic", "team"):
		return Shared
	}
	return Individual
}

// positionIn reads whether the DoS position is among the positions of a cell: by the role R8008 and the activity B0166
// in one of them, by its name, or where the cell says yes. An empty cell is nobody's position.
func positionIn(cell []byte) path.Known {
	if len(cell) == 0 {
		return path.No
	}
	if known := yesOrNo(cell); known != path.Unknown {
		return known
	}
	for one := range bytes.FieldsFuncSeq(cell, func(r rune) bool { return strings.ContainsRune(";,|\n", r) }) {
		text := strings.ToUpper(string(one))
		if strings.Contains(text, rbac.AdminClinicalSupport) && strings.Contains(text, rbac.DirectoryUIAccess) ||
			plainWord(one) == "directoryofservicessystem" {
			return path.Yes
		}
	}
	return path.No
}

// Authenticators are what a cell says about somebody's authenticators: the kinds of which it names one or more.
type authenticators struct {
	kinds   uint16 // bits, in the order of authn.Kinds
	unknown bool   // something else is named
}

var kindBits = func() map[authn.Kind]uint16 {
	bits := map[authn.Kind]uint16{}
	for i, kind := range authn.Kinds() {
		bits[kind] = 1 << i
	}
	return bits
}()

func authenticatorsIn(cell []byte) (a authenticators) {
	for one := range bytes.FieldsFuncSeq(cell, func(r rune) bool { return strings.ContainsRune(";,|+/\n", r) }) {
		kind, is := authn.Named(string(one))
		switch {
		case is:
			a.kinds |= kindBits[kind]
		case plainWord(one) != "" && yesOrNo(one) != path.No:
			a.unknown = true
		}
	}
	return a
}

// levelIn reads an authentication level: 3, AAL3, aal2; 0 is that the cell says none.
func levelIn(cell []byte) int {
	word := plainWord(cell)
	if len(word) > 0 {
		switch last := word[len(word)-1]; last {
		case '1', '2', '3':
			return int(last - '0')
		}
	}
	return 0
}

// kindsIn lists the kinds of authenticators that bits name.
func kindsIn(bits uint16) (kinds []authn.Kind) {
	for _, kind := range authn.Kinds() {
		if bits&kindBits[kind] != 0 {
			kinds = append(kinds, kind)
		}
	}
	return kinds
}
