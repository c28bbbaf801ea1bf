package importing

import (
	"slices"
	"strings"

	"signpost/internal/dos/account"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/sheet"
)

// What people write for yes and no, in lower case.
var (
	yes = []string{"yes", "y", "true", "t", "1", "x"}
	no  = []string{"no", "n", "false", "f", "0", ""}
)

// kindNames are what people call the kinds of accounts, in letters alone.
var kindNames = map[string]account.Kind{
	"": account.Individual, "individual": account.Individual, "person": account.Individual,
	"personal": account.Individual, "named": account.Individual, "user": account.Individual,
	"standard": account.Individual,
	"shared":   account.Shared, "team": account.Shared, "group": account.Shared, "generic": account.Shared,
	"machine": account.Machine, "webservice": account.Machine, "webserviceonly": account.Machine,
	"api": account.Machine, "system": account.Machine, "program": account.Machine,
}

// readKind reads what an account is for, from the column that names the kind and from those that ask whether it is one.
func (o *person) readKind(row sheet.Row, _ *parsedRow) error {
	kind, known := kindNames[plain(row.Get("kind"))]
	if !known {
		return notOne(row, "kind", "a kind of account", "Enter individual, shared or machine")
	}
	for _, asked := range []struct {
		column string
		kind   account.Kind
	}{{"shared", account.Shared}, {"web_service_only", account.Machine}} {
		is, err := yesOrNo(row, asked.column)
		if err != nil {
			return err
		}
		if is && kind != account.Individual && kind != asked.kind {
			return fault.OfField(asked.column, "Says another kind of account than another column: mend one of them")
		}
		if is {
			kind = asked.kind
		}
	}
	o.Kind = kind
	return nil
}

func yesOrNo(row sheet.Row, column string) (bool, error) {
	text := strings.ToLower(row.Get(column))
	switch {
	case slices.Contains(yes, text):
		return true, nil
	case slices.Contains(no, text):
		return false, nil
	}
	return false, notOne(row, column, "yes or no", "Enter yes or no")
}

// accountStatuses are what people call accounts that can be used, and those that cannot.
var accountStatuses = map[bool][]string{
	true: append([]string{"active", "enabled", "live", "open", ""}, yes...),
	false: append([]string{"inactive", "notactive", "disabled", "suspended", "deactivated", "closed", "locked",
		"expired", "left", "archived"}, no[:len(no)-1]...),
}

// readStatus reads whether the account can be used. Without a status it can.
func (o *person) readStatus(row sheet.Row, _ *parsedRow) error {
	text := plain(row.Get("status"))
	for active, names := range accountStatuses {
		if slices.Contains(names, text) {
			o.Active = active
			return nil
		}
	}
	return notOne(row, "status", "a status", "Enter ACTIVE or INACTIVE")
}

// plain leaves the letters and digits of a text, in lower case.
func plain(text string) string {
	return strings.Map(func(c rune) rune {
		if c >= 'a' && c <= 'z' || c >= '0' && c <= '9' {
			return c
		}
		return -1
	}, strings.ToLower(text))
}
