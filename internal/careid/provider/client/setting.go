package client

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	strict "github.com/go-jose/go-jose/v4/json"

	"signpost/internal/platform/fault"
	"signpost/internal/platform/jwt"
)

// Registration is a client as a file or a form gives it.
type Registration struct {
	Client
	Secret string // for the methods with a secret; only a file contains it, never a form
}

// Decode reads a registration from JSON. Every setting that is unknown, appears twice, is of the wrong kind or
// is not acceptable is named in Problems, each with its remedy.
func Decode(text []byte) (Registration, error) {
	reg := Registration{Client: Client{Active: true}}
	var raw map[string]json.RawMessage
	if err := strict.Unmarshal(text, &raw); err != nil {
		return reg, fault.OfField("client",
			"Enter the client as a JSON object in which each setting appears once: "+err.Error())
	}
	var p Problems
	fields := reg.settings()
	fields["client_secret"] = &reg.Secret
	for _, name := range slices.Sorted(maps.Keys(raw)) {
		dest, known := fields[name]
		if !known {
			p.add(name, fmt.Sprintf("There is no setting %.60q. Take it out, or use one of %s",
				name, strings.Join(slices.Sorted(maps.Keys(fields)), ", ")))
			continue
		}
		if err := decode(name, raw[name], dest); err != nil {
			p.add(name, err.Error())
		}
	}
	reg.Client = reg.withDefaults()
	if len(p) > 0 {
		return reg, p
	}
	return reg, reg.check(reg.Secret)
}

// decode reads one setting. As in the registration standard, a key set may be an object, and scopes may be
// one text with spaces.
func decode(name string, text json.RawMessage, dest any) error {
	text = bytes.TrimSpace(text)
	switch d := dest.(type) {
	case *string:
		if name == "jwks" && len(text) > 0 && text[0] == '{' {
			*d = string(text)
			return nil
		}
		return ofKind(json.Unmarshal(text, d), "a text in quotes")
	case *jwt.Algorithm:
		return ofKind(json.Unmarshal(text, d), "a text in quotes")
	case *bool:
		return ofKind(json.Unmarshal(text, d), "true or false")
	case *[]string:
		var words string
		if spaceSeparated[name] && json.Unmarshal(text, &words) == nil {
			*d = strings.Fields(words)
			return nil
		}
		return ofKind(json.Unmarshal(text, d), `a list of texts, such as ["one", "two"]`)
	}
	return fmt.Errorf("a %T cannot be read", dest)
}

var spaceSeparated = map[string]bool{"scope": true, "acr_values": true}

func ofKind(err error, want string) error {
	if err != nil {
		return errors.New("Enter it as " + want)
	}
	return nil
}

// settings returns a pointer to each setting of a client, by its name.
func (c *Client) settings() map[string]any {
	v := reflect.ValueOf(c).Elem()
	all := map[string]any{}
	for n := range v.NumField() {
		name, _, _ := strings.Cut(v.Type().Field(n).Tag.Get("json"), ",")
		if name != "" && name != "-" {
			all[name] = v.Field(n).Addr().Interface()
		}
	}
	return all
}

// Values returns every setting as text, by its name: lists with one line for each value, booleans as yes or no.
func (c Client) Values() map[string]string {
	all := map[string]string{}
	for name, dest := range c.settings() {
		switch d := dest.(type) {
		case *string:
			all[name] = *d
		case *jwt.Algorithm:
			all[name] = string(*d)
		case *bool:
			all[name] = map[bool]string{true: "yes", false: "no"}[*d]
		case *[]string:
			all[name] = strings.Join(*d, "\n")
		}
	}
	return all
}

// Fill sets the named settings from a form's texts, which have the format of Values.
func (c *Client) Fill(form func(name string) []string, names ...string) {
	fields := c.settings()
	for _, name := range names {
		values := form(name)
		first := strings.TrimSpace(strings.Join(values, "\n"))
		switch d := fields[name].(type) {
		case *string:
			*d = strings.ReplaceAll(first, "\r\n", "\n")
		case *jwt.Algorithm:
			*d = jwt.Algorithm(first)
		case *bool:
			*d = first == "yes"
		case *[]string:
			*d = strings.Fields(first)
		}
	}
}

// Difference names the settings in which two clients differ, in the order of their names.
func Difference(a, b Client) []string {
	before := a.Values()
	after := b.Values()
	var names []string
	for _, name := range slices.Sorted(maps.Keys(before)) {
		if before[name] != after[name] {
			names = append(names, name)
		}
	}
	return names
}

// only returns the named settings, for an event.
func (c Client) only(names []string) map[string]string {
	all := c.Values()
	some := map[string]string{}
	for _, name := range names {
		some[name] = all[name]
	}
	return some
}
