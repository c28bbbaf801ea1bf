package config

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// checkNames refuses settings of the file that there are not: one whose name is misspelt would not be followed, and
// nobody would know.
func checkNames(file map[string]any) error {
	var problems []error
	for _, name := range unknown(reflect.ValueOf(file), reflect.TypeFor[Config](), "") {
		problems = append(problems, noSetting(name))
	}
	return errors.Join(problems...)
}

// noSetting is the error of a setting that there is not. It names the one that is written most like it.
func noSetting(name string) error {
	all := slices.Sorted(maps.Values(names(reflect.TypeFor[Config](), "")))
	if near, is := nearest(all, name); is && !strings.HasPrefix(name, near+".") {
		return fmt.Errorf("there is no setting %s: mend its name or take it out; the nearest is %s", name, near)
	}
	return fmt.Errorf("there is no setting %s: mend its name or take it out", name)
}

// unknown lists what a table says that the struct has no setting for, in the order of their names. The settings of a
// table, or of each table of a list, have the name of it before them.
func unknown(table reflect.Value, of reflect.Type, before string) (list []string) {
	for _, key := range slices.SortedFunc(slices.Values(table.MapKeys()), byText) {
		name := before + key.String()
		setting, found := settingOf(of, key.String())
		if !found {
			list = append(list, name)
			continue
		}
		for _, inner := range tables(table.MapIndex(key)) {
			list = append(list, unknown(inner, element(setting), name+".")...)
		}
	}
	return list
}

func byText(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) }

// tables gives the tables that a value is or is a list of.
func tables(value reflect.Value) (list []reflect.Value) {
	if value.Kind() == reflect.Interface {
		value = value.Elem()
	}
	switch value.Kind() {
	case reflect.Map:
		return []reflect.Value{value}
	case reflect.Slice:
		for i := range value.Len() {
			list = append(list, tables(value.Index(i))...)
		}
	default:
	}
	return list
}

// element gives the type of what a list has, and any other type as it is.
func element(of reflect.Type) reflect.Type {
	if of.Kind() == reflect.Slice {
		return of.Elem()
	}
	return of
}

// settingOf finds a setting of a struct by its name in the file. What is no struct has none.
func settingOf(of reflect.Type, name string) (reflect.Type, bool) {
	if of.Kind() != reflect.Struct {
		return nil, false
	}
	for field := range of.Fields() {
		if field.Tag.Get("koanf") == name {
			return field.Type, true
		}
	}
	return nil, false
}

// checkVariables refuses variables of the environment that only an operator can have meant as settings, and that name
// none: those with two underscores, which stand between a table and its setting, and those that differ from a setting's
// in that alone. Others with our prefix are let be: Kubernetes sets some for each service, such as SIGNPOST_PORT.
func checkVariables(variables []string) error {
	settings := names(reflect.TypeFor[Config](), "")
	var problems []error
	for _, variable := range variables {
		setting, _ := fromEnvironment(variable, "")
		meant, known := settings[flat(setting)]
		switch {
		case known && meant != setting:
			const text = "%s: write %s for the setting %s"
			problems = append(problems, fmt.Errorf(text, variable, variableOf(meant), meant))
		case !known && strings.Contains(setting, "."):
			problems = append(problems, fmt.Errorf("%s: %w", variable, noSetting(setting)))
		}
	}
	return errors.Join(problems...)
}

// names lists the settings of a struct and of its tables by their flat names.
func names(of reflect.Type, table string) map[string]string {
	list := map[string]string{}
	for field := range of.Fields() {
		name := table + field.Tag.Get("koanf")
		list[flat(name)] = name
		if field.Type.Kind() == reflect.Struct {
			maps.Copy(list, names(field.Type, name+"."))
		}
	}
	return list
}

// flat writes a name without the mark between a table and its setting.
func flat(setting string) string { return strings.ReplaceAll(setting, ".", "_") }

func variableOf(setting string) string {
	return prefix + strings.ToUpper(strings.ReplaceAll(setting, ".", "__"))
}
