package reference

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"signpost/internal/national/rbac"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/sheet"
)

// RoleColumns are those of a file of job roles.
var RoleColumns = sheet.Options{
	Columns:  []string{"code", "name"},
	Optional: []string{"staff_group", "sub_group", "retired"},
	Aliases: map[string][]string{
		"code":        {"role_code", "job_role_code", "full_code"},
		"name":        {"role_name", "job_role", "job_role_name", "display"},
		"staff_group": {"staff_group_name"},
		"sub_group":   {"sub_group_name", "staff_sub_group"},
	},
}

// ActivityColumns are those of a file of activities.
var ActivityColumns = sheet.Options{
	Columns:  []string{"code", "name"},
	Optional: []string{"parent", "roles", "retired"},
	Aliases: map[string][]string{
		"code":   {"activity_code", "business_function_code"},
		"name":   {"activity_name", "activity", "business_function"},
		"parent": {"parents", "parent_code"},
		"roles":  {"baseline", "baseline_roles"},
	},
}

// Refused is a row that cannot be read, with the reason and what to do about it.
type Refused struct {
	Row    int    `json:"row"`
	Column string `json:"column,omitempty"`
	Reason string `json:"reason"`
}

// File is what a file of job roles or activities holds.
type File[T any] struct {
	Rows    int
	List    []T
	Refused []Refused

	row map[string]int // by code
	has map[string]bool
}

// Has reports whether the file has an optional column. What it does not say stays as it is.
func (f File[T]) Has(column string) bool { return f.has[column] }

func (f *File[T]) refuse(row int, err error) {
	one := Refused{Row: row, Reason: err.Error()}
	if problem, known := fault.From(err); known {
		one.Column = problem.Field
		one.Reason = problem.Message
	}
	f.Refused = append(f.Refused, one)
}

// ReadRoles reads a file of job roles.
func ReadRoles(file *sheet.File) (File[Role], error) {
	return read(file, RoleColumns, roleIn, func(r Role) string { return r.Code.Job })
}

// ReadActivities reads a file of activities.
func ReadActivities(file *sheet.File) (File[Activity], error) {
	return read(file, ActivityColumns, activityIn, func(a Activity) string { return a.Code })
}

// read reads a file row by row. The first row of each code counts.
func read[T any](
	file *sheet.File, columns sheet.Options, readRow func(sheet.Row) (T, error), codeOf func(T) string,
) (f File[T], err error) {
	f.row = map[string]int{}
	f.has = map[string]bool{}
	rows, err := file.Open(columns)
	if err != nil {
		return f, err
	}
	for _, column := range columns.Optional {
		f.has[column] = rows.Has(column)
	}
	for {
		row, err := rows.Next()
		if errors.Is(err, io.EOF) {
			return f, nil
		}
		if err != nil {
			return f, err
		}
		if row.Refused == nil && row.Empty() {
			continue
		}
		f.Rows++
		one, problem := readRow(row)
		if first := f.row[codeOf(one)]; problem == nil && first > 0 {
			problem = fault.OfField("code", fmt.Sprintf("Row %d has the same code. Leave out one of them", first))
		}
		if problem != nil {
			f.refuse(row.Number, problem)
			continue
		}
		f.row[codeOf(one)] = row.Number
		f.List = append(f.List, one)
	}
}

const maxName = 200 // characters

func nameIn(text string) (string, error) {
	name := strings.Join(strings.Fields(text), " ")
	if name == "" || utf8.RuneCountInString(name) > maxName {
		return "", fault.OfField("name", fmt.Sprintf("Enter a name of %d characters or fewer", maxName))
	}
	return name, nil
}

// retiredIn reads whether a code is retired.
func retiredIn(text string) (bool, error) {
	switch strings.ToLower(text) {
	case "", "no", "n", "false", "0":
		return false, nil
	case "yes", "y", "true", "1", "retired":
		return true, nil
	}
	return false, fault.OfField("retired", fault.Quoted(text)+" says neither. Enter yes or no")
}

// threeParts is a name with its groups, as services get it.
var threeParts = regexp.MustCompile(`^"([^"]+)":"([^"]+)":"([^"]+)"$`)

func roleIn(row sheet.Row) (r Role, err error) {
	if row.Refused != nil {
		return r, row.Refused
	}
	if r.Code, err = rbac.ParseRole(strings.ToUpper(row.Get("code"))); err != nil {
		return r, fault.OfField("code", fault.Quoted(row.Get("code"))+
			" is no code of a job role. Enter one like R8008 or S8001:G8002:R8008")
	}
	name := row.Get("name")
	r.GroupName = strings.Join(strings.Fields(row.Get("staff_group")), " ")
	r.SubGroupName = strings.Join(strings.Fields(row.Get("sub_group")), " ")
	if parts := threeParts.FindStringSubmatch(name); parts != nil {
		r.GroupName = parts[1]
		r.SubGroupName = parts[2]
		name = parts[3]
	}
	if strings.Contains(r.GroupName+r.SubGroupName+name, `"`) {
		return r, fault.OfField("name",
			`A name has no double quotes, but for "Group":"Sub-group":"Role". Leave them out`)
	}
	if r.Name, err = nameIn(name); err != nil {
		return r, err
	}
	r.Retired, err = retiredIn(row.Get("retired"))
	return r, err
}

func activityIn(row sheet.Row) (a Activity, err error) {
	if row.Refused != nil {
		return a, row.Refused
	}
	if a.Code, err = rbac.ParseActivity(strings.ToUpper(row.Get("code"))); err != nil {
		return a, fault.OfField("code", fault.Quoted(row.Get("code"))+
			" is no code of an activity. Enter one like B0166 or D8002:C8006:B0360")
	}
	if a.Name, err = nameIn(row.Get("name")); err != nil {
		return a, err
	}
	for _, text := range codesIn(row.Get("parent")) {
		parent, err := rbac.ParseActivity(text)
		if err != nil || parent == a.Code {
			return a, fault.OfField("parent", fault.Quoted(text)+
				" is no code of another activity. Enter codes like B0360, with spaces between them")
		}
		a.Parents = append(a.Parents, parent)
	}
	for _, text := range codesIn(row.Get("roles")) {
		role, err := rbac.ParseRole(text)
		if err != nil {
			return a, fault.OfField("roles", fault.Quoted(text)+
				" is no code of a job role. Enter codes like R8008, with spaces between them")
		}
		a.Roles = append(a.Roles, role.Job)
	}
	a.Parents = slices.Compact(slices.Sorted(slices.Values(a.Parents)))
	a.Roles = slices.Compact(slices.Sorted(slices.Values(a.Roles)))
	a.Retired, err = retiredIn(row.Get("retired"))
	return a, err
}

// codesIn reads codes with spaces, commas or semicolons between them.
func codesIn(text string) []string {
	return strings.FieldsFunc(strings.ToUpper(text), func(c rune) bool { return strings.ContainsRune(" ,;|", c) })
}
