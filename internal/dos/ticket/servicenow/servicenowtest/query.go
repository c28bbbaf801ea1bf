package servicenowtest

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// rows gives the rows of a table.
func (i *Instance) rows(table string) []map[string]string {
	switch table {
	case "sys_journal_field":
		return i.journal
	case "sys_attachment":
		return i.attached
	}
	return i.incidents
}

func (i *Instance) list(w http.ResponseWriter, r *http.Request) {
	asked := r.URL.Query()
	query := asked.Get("sysparm_query")
	var rows []map[string]string
	for _, row := range i.rows(r.PathValue("table")) {
		if matches(row, query) {
			rows = append(rows, row)
		}
	}
	inOrder(rows, query)
	skip := min(number(asked, "sysparm_offset", 0), len(rows))
	limit := number(asked, "sysparm_limit", 10_000) // as ServiceNow has it
	found := []map[string]any{}
	for _, row := range rows[skip:min(skip+limit, len(rows))] {
		found = append(found, only(asked.Get("sysparm_fields"), shown(row)))
	}
	answer(w, http.StatusOK, map[string]any{"result": found})
}

func number(asked url.Values, name string, usual int) int {
	n, err := strconv.Atoi(asked.Get(name))
	if err != nil {
		return usual
	}
	return n
}

// inOrder sorts rows as a query has it, by one field after the other.
func inOrder(rows []map[string]string, query string) {
	slices.SortStableFunc(rows, func(a, b map[string]string) int {
		for condition := range strings.SplitSeq(query, "^") {
			field, is := strings.CutPrefix(condition, "ORDERBY")
			if order := strings.Compare(a[field], b[field]); is && order != 0 {
				return order
			}
		}
		return 0
	})
}

// only leaves the fields of a row that were asked for; all where none were named.
func only(fields string, row map[string]any) map[string]any {
	if fields == "" {
		return row
	}
	left := map[string]any{}
	for field := range strings.SplitSeq(fields, ",") {
		if value, has := row[field]; has {
			left[field] = value
		}
	}
	return left
}

// unset are fields of which a row of ServiceNow has many, so that a whole row is as long here as there.
const unset = 90

// shown is a row as it is answered: what names another row is an object.
func shown(row map[string]string) map[string]any {
	all := map[string]any{}
	for n := range unset {
		all[fmt.Sprintf("u_field_that_nobody_has_set_%d", n)] = ""
	}
	for name, value := range row {
		all[name] = value
	}
	if group := row["assignment_group"]; group != "" {
		all["assignment_group"] = map[string]string{"link": "https://x/" + group, "value": group}
	}
	return all
}

// matches reports whether a row fits an encoded query: conditions joined by ^, of which =, >=, LIKE, STARTSWITH and IN
// are known.
func matches(row map[string]string, query string) bool {
	for condition := range strings.SplitSeq(query, "^") {
		if condition == "" || strings.HasPrefix(condition, "ORDERBY") {
			continue
		}
		if !fits(row, condition) {
			return false
		}
	}
	return true
}

func fits(row map[string]string, condition string) bool {
	for _, operator := range []struct {
		text string
		fits func(has, want string) bool
	}{
		{"STARTSWITH", strings.HasPrefix},
		{"LIKE", strings.Contains},
		{">=", func(has, want string) bool { return has >= want }},
		{"=", func(has, want string) bool { return has == want }},
		{"IN", func(has, want string) bool { return slices.Contains(strings.Split(want, ","), has) }},
	} {
		if field, want, found := strings.Cut(condition, operator.text); found {
			return operator.fits(row[field], want)
		}
	}
	return false
}
