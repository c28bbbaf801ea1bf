package file

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"signpost/internal/careid/provider/client"
	"signpost/internal/platform/fault"
)

// reader collects what is wrong.
type reader struct {
	lines    map[string]int
	problems Problems
}

func (r *reader) add(place, message string, args ...any) {
	r.problems = append(r.problems, Problem{Place: place, Line: r.line(place), Message: fmt.Sprintf(message, args...)})
}

// line is that of a place, or of what it stands in.
func (r *reader) line(place string) int {
	for place != "" {
		if line, known := r.lines[place]; known {
			return line
		}
		place = place[:max(strings.LastIndexAny(place, ".["), 0)]
	}
	return 0
}

// fill puts a tree of TOML into a struct.
func (r *reader) fill(dest any, tree map[string]any) { r.table(reflect.ValueOf(dest).Elem(), tree, "") }

func (r *reader) table(dest reflect.Value, tree map[string]any, place string) {
	members := map[string]reflect.Value{}
	for n := range dest.NumField() {
		if name := dest.Type().Field(n).Tag.Get("toml"); name != "-" {
			members[name] = dest.Field(n)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(tree)) {
		member, known := members[name]
		if !known {
			r.add(join(place, name), "There is no such setting. Take it out, or use one of %s",
				strings.Join(slices.Sorted(maps.Keys(members)), ", "))
			continue
		}
		r.value(member, tree[name], join(place, name))
	}
}

// value puts one value where it belongs, if it is of the kind that belongs there.
func (r *reader) value(dest reflect.Value, v any, place string) {
	switch dest.Kind() {
	case reflect.String:
		text, ok := v.(string)
		r.needs(ok, place, "a text in quotes")
		dest.SetString(text)
	case reflect.Bool:
		yes, ok := v.(bool)
		r.needs(ok, place, "true or false")
		dest.SetBool(yes)
	case reflect.Int:
		number, ok := v.(int64)
		r.needs(ok, place, "a whole number without quotes")
		dest.SetInt(number)
	case reflect.Pointer:
		dest.Set(reflect.New(dest.Type().Elem()))
		r.value(dest.Elem(), v, place)
	case reflect.Struct:
		tree, ok := v.(map[string]any)
		r.needs(ok, place, "a table of settings")
		r.table(dest, tree, place)
	case reflect.Slice:
		r.list(dest, v, place)
	case reflect.Map:
		r.entries(dest, v, place)
	case reflect.Interface:
		dest.Set(reflect.ValueOf(v))
	}
}

func (r *reader) needs(ok bool, place, kind string) {
	if !ok {
		r.add(place, "Enter it as %s", kind)
	}
}

func (r *reader) list(dest reflect.Value, v any, place string) {
	all, ok := v.([]any)
	r.needs(ok, place, "a list")
	dest.Set(reflect.MakeSlice(dest.Type(), len(all), len(all)))
	for i, one := range all {
		r.value(dest.Index(i), one, fmt.Sprintf("%s[%d]", place, i+1))
	}
}

func (r *reader) entries(dest reflect.Value, v any, place string) {
	tree, ok := v.(map[string]any)
	r.needs(ok, place, "a table")
	dest.Set(reflect.MakeMap(dest.Type()))
	for _, name := range slices.Sorted(maps.Keys(tree)) {
		one := reflect.New(dest.Type().Elem()).Elem()
		r.value(one, tree[name], join(place, name))
		dest.SetMapIndex(reflect.ValueOf(name), one)
	}
}

// clients reads the registrations, each as package client does.
func (r *reader) clients(tables []map[string]any) (list []client.Registration) {
	for i, table := range tables {
		place := fmt.Sprintf("clients[%d]", i+1)
		text, err := json.Marshal(table)
		if err != nil {
			r.add(place, "It cannot be read: %v", err)
			continue
		}
		registration, err := client.Decode(text)
		r.clientProblems(place, err)
		list = append(list, registration)
	}
	return list
}

func (r *reader) clientProblems(place string, err error) {
	var several client.Problems
	if errors.As(err, &several) {
		for _, one := range several {
			r.add(join(place, one.Field), "%s", one.Message)
		}
		return
	}
	if f, known := fault.From(err); known {
		r.add(join(place, f.Field), "%s", f.Message)
	} else if err != nil {
		r.add(place, "%v", err)
	}
}
