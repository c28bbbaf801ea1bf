package administration_test

import (
	"strings"
	"testing"
)

// Whoever is deactivated reads why.
func TestTheMailOfADeactivationSaysWhy(t *testing.T) {
	w := newWorld(t)
	w.Must(w.office.Deactivate(t.Context(), by(w.ofNorth), w.user.ID, "Left the practice in October"))
	w.Settle()
	for _, m := range w.Mails.To("user@example.nhs.uk") {
		if m.Kind == "account.deactivated" && strings.Contains(m.Text, "Left the practice in October") {
			return
		}
	}
	t.Error("no mail says why")
}
