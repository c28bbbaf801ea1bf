package nhsuk

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"
)

var componentType = reflect.TypeFor[templ.Component]()

// decode fills a params struct from the options of a Nunjucks macro. The rules
// are the macros' own: a text may stand for {text: …}, a list for {items: …},
// and false for "not". An option we have no field for is an error that names it.
func decode(value any, into reflect.Value) error {
	switch into.Kind() {
	case reflect.Struct:
		return decodeStruct(value, into)
	case reflect.Slice:
		return decodeSlice(value, into)
	case reflect.Interface:
		return decodeComponent(value, into)
	}
	return decodeScalar(value, into)
}

func decodeStruct(value any, into reflect.Value) error {
	switch v := value.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			if err := decodeField(name, v[name], into); err != nil {
				return err
			}
		}
		return nil
	case string:
		return decodeField("text", v, into)
	case bool:
		if v {
			return leftOut("true")
		}
		return nil
	case nil:
		return nil
	}
	return fmt.Errorf("%T for a struct", value)
}

func decodeField(name string, option any, into reflect.Value) error {
	if option == false {
		if field := fieldNamed(into, "No"+name); field.IsValid() {
			field.SetBool(true)
			return nil
		}
	}
	name, option = sameAs(name, option)
	field := fieldNamed(into, name)
	if !field.IsValid() {
		return leftOut(name)
	}
	if option == nil {
		return nil
	}
	if err := decodeText(name, option, field, into); err != nil {
		var missing leftOut
		if errors.As(err, &missing) {
			return leftOut(name + "." + string(missing))
		}
		return err
	}
	return nil
}

// sameAs gives an option another way of writing it that the macros take too.
func sameAs(name string, option any) (string, any) {
	switch {
	case option == true && name == "errorMessage":
		return "invalid", true
	case option == true && name == "heading":
		return "isPageHeading", true
	case option == true && name == "sort":
		return "sort", "none"
	}
	return name, option
}

// decodeText puts {html: …} for a plain text into the field beside it.
func decodeText(name string, option any, field, into reflect.Value) error {
	options, is := option.(map[string]any)
	if !is || field.Kind() != reflect.String {
		return decode(option, field)
	}
	for key, value := range options {
		switch key {
		case "text":
			field.SetString(value.(string))
		case "html":
			html := fieldNamed(into, name+"HTML")
			if !html.IsValid() {
				return leftOut("html")
			}
			html.Set(reflect.ValueOf(templ.Raw(value.(string))))
		default:
			return leftOut(key)
		}
	}
	return nil
}

func decodeSlice(value any, into reflect.Value) error {
	if options, is := value.(map[string]any); is {
		for key := range options {
			if key != "items" {
				return leftOut(key)
			}
		}
		value = options["items"]
	}
	list, is := value.([]any)
	if !is {
		return fmt.Errorf("%T for a list", value)
	}
	for _, item := range list {
		if item == false || item == nil {
			continue // macros skip what is not there
		}
		one := reflect.New(into.Type().Elem()).Elem()
		if err := decode(item, one); err != nil {
			return err
		}
		into.Set(reflect.Append(into, one))
	}
	return nil
}

func decodeComponent(value any, into reflect.Value) error {
	if options, is := value.(map[string]any); is {
		value = options["html"]
	}
	html, is := value.(string)
	if !is || into.Type() != componentType {
		return fmt.Errorf("%T for %s", value, into.Type())
	}
	into.Set(reflect.ValueOf(templ.Raw(html)))
	return nil
}

func decodeScalar(value any, into reflect.Value) error {
	switch v := value.(type) {
	case bool:
		if into.Kind() == reflect.Bool {
			into.SetBool(v)
			return nil
		}
		into.SetString(strconv.FormatBool(v))
	case float64:
		if into.Kind() == reflect.Int {
			into.SetInt(int64(v))
			return nil
		}
		into.SetString(strconv.FormatFloat(v, 'f', -1, 64))
	case string:
		if into.Kind() != reflect.String {
			return fmt.Errorf("a text for %s", into.Type())
		}
		into.SetString(v)
	case nil:
	default:
		return fmt.Errorf("%T for %s", value, into.Type())
	}
	return nil
}

// leftOut is an option we have no field for.
type leftOut string

func (l leftOut) Error() string { return string(l) }

// fieldNamed finds an exported field whatever the case of its letters.
func fieldNamed(of reflect.Value, name string) reflect.Value {
	for i := range of.NumField() {
		if field := of.Type().Field(i); field.IsExported() && strings.EqualFold(field.Name, name) {
			return of.Field(i)
		}
	}
	return reflect.Value{}
}
