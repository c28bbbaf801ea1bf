package config

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
)

// checkNames refuses settings that there are not: one whose name is misspelt would not be followed, and
// nobody would know. Variables of the environment are not held to it, as others than the operator set some.
func checkNames(settings []string) error {
	known := names(reflect.TypeFor[Config](), "")
	var problems []error
	for _, name := range settings {
		if !slices.Contains(known, name) {
			problems = append(problems, fmt.Errorf("there is no setting %s: mend its name or take it out", name))
		}
	}
	return errors.Join(problems...)
}

// names lists the settings of a struct and its tables, which may be empty; the settings of a table have its name before
// them.
func names(of reflect.Type, table string) []string {
	var list []string
	for i := range of.NumField() {
		field := of.Field(i)
		name := table + field.Tag.Get("koanf")
		list = append(list, name)
		if field.Type.Kind() == reflect.Struct {
			list = append(list, names(field.Type, name+".")...)
		}
	}
	return list
}
