package config

import (
	"errors"
	"testing"
)

func TestServiceNow(t *testing.T) {
	whole := ServiceNow{Address: "https://a.service-now.com", ClientID: "signpost", ClientSecret: "secret",
		Fields: map[string]string{"category": "u_area"}}
	for name, tt := range map[string]struct {
		now   ServiceNow
		wrong int
	}{
		"none":               {ServiceNow{}, 0},
		"whole":              {whole, 0},
		"on this machine":    {ServiceNow{Address: "http://localhost:9000", ClientID: "a", ClientSecret: "b"}, 0},
		"without an address": {ServiceNow{ClientID: "signpost"}, 1},
		"without TLS":        {ServiceNow{Address: "http://a.service-now.com", ClientID: "a", ClientSecret: "b"}, 1},
		"without its client": {ServiceNow{Address: "https://a.service-now.com"}, 1},
		"an unknown field": {ServiceNow{Address: "https://a.service-now.com", ClientID: "a", ClientSecret: "b",
			Fields: map[string]string{"colour": "u_colour"}}, 1},
	} {
		if problems := tt.now.check(); len(problems) != tt.wrong {
			t.Errorf("%s: %v", name, problems)
		}
	}
}

func TestMailIn(t *testing.T) {
	whole := MailIn{Listen: "127.0.0.1:2525", Domain: "dos.example.nhs.uk"}
	with := func(change func(m *MailIn)) MailIn {
		m := whole
		change(&m)
		return m
	}
	for name, tt := range map[string]struct {
		now  MailIn
		want int
	}{
		"none":              {MailIn{}, 0},
		"whole":             {whole, 0},
		"from a network":    {with(func(m *MailIn) { m.Networks = []string{"10.0.0.0/24", "::1/128"} }), 0},
		"nowhere":           {MailIn{Domain: "dos.example.nhs.uk"}, 1},
		"without a port":    {with(func(m *MailIn) { m.Listen = "127.0.0.1" }), 1},
		"without a domain":  {with(func(m *MailIn) { m.Domain = "" }), 1},
		"an address for it": {with(func(m *MailIn) { m.Domain = "desk@example.nhs.uk" }), 1},
		"no network":        {with(func(m *MailIn) { m.Networks = []string{"10.0.0.1"} }), 1},
		"without a key":     {with(func(m *MailIn) { m.Certificate = "mail.pem" }), 1},
	} {
		n := 0
		for _, problem := range tt.now.check() {
			if errors.Join(problem) != nil {
				n++
			}
		}
		if n != tt.want {
			t.Errorf("%s: %d problems, want %d: %v", name, n, tt.want, tt.now.check())
		}
	}
}
