package config

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"regexp"

	"signpost/internal/platform/text"
)

// Text names the gateway that text messages are handed to: GOV.UK Notify, unless another speaks as it does. Without a
// service no text message is sent.
type Text struct {
	Address  string `koanf:"address"`  // that of GOV.UK Notify unless given
	Service  string `koanf:"service"`  // id of the service, a UUID
	Secret   string `koanf:"secret"`   // of the service's API key: its last UUID
	Template string `koanf:"template"` // id of the template whose whole body is ((text)), a UUID
}

// Set reports whether text messages can be sent.
func (t Text) Set() bool { return t.Service != "" }

// At is the gateway's address.
func (t Text) At() string { return cmp.Or(t.Address, text.Address) }

var uuidForm = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

func (t Text) check() (problems []error) {
	if !t.Set() {
		if t.Address+t.Secret+t.Template != "" {
			problems = append(problems, errors.New("text.service: name it, as no text message is sent without it"))
		}
		return problems
	}
	if to, err := url.Parse(t.At()); err != nil || to.Host == "" || to.Scheme != "https" && !loopback(to) {
		problems = append(problems, fmt.Errorf("text.address: %q must be an address that begins with https://",
			t.Address))
	}
	for name, id := range map[string]string{"service": t.Service, "template": t.Template} {
		if !uuidForm.MatchString(id) {
			problems = append(problems, fmt.Errorf(
				"text.%s: %q must be an id such as 4f2ab5d1-0c9e-4b7a-9a51-3f3f1f4f0c11", name, id))
		}
	}
	if !uuidForm.MatchString(t.Secret) {
		problems = append(problems, errors.New("text.secret: set the last of the two ids in the key of the gateway"))
	}
	return problems
}
