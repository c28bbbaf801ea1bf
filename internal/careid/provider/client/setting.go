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
	Secret string // for the methods with a secret; a file gives it, a form never does
}

// Decode reads a registration from JSON. Every setting that is not known, stands there twice, is not of
// its kind or will not do is named, each with its cure, in Problems.
func Decode(text []byte) (Registration, error) {
	reg := Registration{Client: Client{Active: true}}
	var raw map[string]json.RawMessage
	if err := strict.Unmarshal(text, &raw); err != nil {
		return reg, fault.OfField("client", "Enter the client as a JSON object in which each setting stands once: "+err.Error())
	}
	var p Problems
	dests := reg.settings()
	dests["client_secret"] = &reg.Secret
	for _, name := range slices.Sorted(maps.Keys(raw)) {
		dest, known := dests[name]
		if !known {
			p.add(name, fmt.Sprintf("There is no setting %.60q. Take it out, or use one of %s", name, strings.Join(slices.Sorted(maps.Keys(dests)), ", ")))
			continue
		}
		if err := decode(name, raw[name], dest); err != nil {
			p.add(name, err.Error())
		}
	}
	reg.Client = reg.whole()
	if len(p) > 0 {
		return reg, p
	}
	return reg, reg.check(reg.Secret)
}

// decode reads one setting. A key set may stand as an object, and scopes as one text with spaces, as
// the registration standard has them.
func decode(name string, text json.RawMessage, dest any) error {
	text = bytes.TrimSpace(text)
	switch d := dest.(type) {
	case *string:
		if name == "jwks" && len(text) > 0 && text[0] == '{' {
			*d = string(text)
			return nil
		}
		return kind(json.Unmarshal(text, d), "a text in quotes")
	case *jwt.Algorithm:
		return kind(json.Unmarshal(text, d), "a text in quotes")
	case *bool:
		return kind(json.Unmarshal(text, d), "true or false")
	case *[]string:
		var words string
		if spaced[name] && json.Unmarshal(text, &words) == nil {
			*d = strings.Fields(words)
			return nil
		}
		return kind(json.Unmarshal(text, d), `a list of texts, such as ["one", "two"]`)
	}
	return fmt.Errorf("a %T cannot be read", dest)
}

var spaced = map[string]bool{"scope": true, "acr_values": true}

func kind(err error, want string) error {
	if err != nil {
		return errors.New("Enter it as " + want)
	}
	return nil
}

// settings gives where each setting of a client is kept, by its name.
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

// Values gives every setting as text, by its name: lists a line each, yes or no in words.
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

// Fill sets the settings that a form holds from their texts, as Values writes them.
func (c *Client) Fill(form func(name string) []string, names ...string) {
	dests := c.settings()
	for _, name := range names {
		values := form(name)
		first := strings.TrimSpace(strings.Join(values, "\n"))
		switch d := dests[name].(type) {
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
	one, other := a.Values(), b.Values()
	var names []string
	for _, name := range slices.Sorted(maps.Keys(one)) {
		if one[name] != other[name] {
			names = append(names, name)
		}
	}
	return names
}

// only gives the named settings, for an event.
func (c Client) only(names []string) map[string]string {
	all, some := c.Values(), map[string]string{}
	for _, name := range names {
		some[name] = all[name]
	}
	return some
}
