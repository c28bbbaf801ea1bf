package config

import "testing"

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
