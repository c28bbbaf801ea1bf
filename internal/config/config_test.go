package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"signpost/internal/national/cis2"
)

// The environment decides last, and what nobody says is as usual.
func TestReadTakesTheFileThenTheEnvironment(t *testing.T) {
	path := filepath.Join(t.TempDir(), "signpost.toml")
	text := "listen = \"127.0.0.1:1\"\n[mail]\nhost = \"a.example\"\nfrom = \"x@a.example\"\n[keys]\nrotate_days = 30\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("SIGNPOST_MAIL__HOST", "b.example")
	t.Setenv("SIGNPOST_DATABASES__CAREID", "postgres://db/careid")
	c, err := Read(path, "data")
	if err != nil {
		t.Fatal(err)
	}
	if c.Listen != "127.0.0.1:1" || c.Operations != "127.0.0.1:9090" || c.Mail.Host != "b.example" ||
		c.Mail.Port != 587 {
		t.Errorf("%+v", c)
	}
	if c.Keys.Policy().Every != 30*24*time.Hour || c.Keys.OverlapHours != 24 {
		t.Errorf("keys %+v", c.Keys)
	}
	if c.DoSSource() != filepath.Join("data", "dos.db") || c.CareIDSource() != "postgres://db/careid" {
		t.Errorf("databases at %s and %s", c.DoSSource(), c.CareIDSource())
	}
}

// A setting that is misspelt is not passed over. What others put into the environment is.
func TestReadRefusesUnknownSettings(t *testing.T) {
	t.Setenv("SIGNPOST_PORT", "tcp://10.0.0.1:8080")
	for text, want := range map[string]string{
		"proxies = []\n[keys]\noverlap_hours = 24\n[addresses]\nexplicit_port = true\n": "",
		"[databases]\n# dos = \"postgres://db/dos\"\n[hsm]\n":                           "",
		"[keys]\noverlap_hour = 24\n":                                                   "take it out; the nearest is keys.overlap_hours",
		"lisen = \"x\"\n":                                                               "there is no setting lisen: mend its name or take it out; the nearest is listen",
		"[listen]\nport = 1\n":                                                          "there is no setting listen.port:",
		"[[retention.details]]\nkind = \"signin.refused\"\ndays = 9\n":                  "",
		"[[retention.details]]\nkind = \"signin.refused\"\ndays = 9\nday = 9\n":         "no setting retention.details.day:",
		"[retention]\ndetails = [{kind = \"x\", days = 1}, {kinds = \"x\"}]\n":          "no setting retention.details.kinds:",
	} {
		path := filepath.Join(t.TempDir(), "signpost.toml")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := Read(path, "data")
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

// Whoever mistyped a file is told the line.
func TestReadNamesTheLineOfAMistake(t *testing.T) {
	path := filepath.Join(t.TempDir(), "signpost.toml")
	for text, want := range map[string]string{
		"listen = \"a\"\n[mail]\nhost = \"b\"\"\n":  "signpost.toml, line 3, column 11: toml: ",
		"listen = \"a\"\n\n\n[mail\nhost = \"b\"\n": "signpost.toml, line 4, column 6: toml: ",
		"# first\nlisten = \"a\ndata = \"b\"\n":     "signpost.toml, line 2, column 12: toml: ",
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := Read(path, "data")
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
	if _, err := Read(filepath.Join(t.TempDir(), "none.toml"), "data"); err == nil ||
		strings.Contains(err.Error(), "line") {
		t.Errorf("a file that is not there: %v", err)
	}
}

// A variable that can only be meant as a setting is held to the settings there are.
func TestReadRefusesUnknownVariables(t *testing.T) {
	for name, want := range map[string]string{
		"SIGNPOST_MAIL__HOST":              "",
		"signpost_mail__hots":              "", // not ours: names of variables have their letters
		"SIGNPOST_SERVICE_PORT":            "",
		"SIGNPOST_PORT_8080_TCP_ADDR":      "",
		"SIGNPOST_MAIL__HOTS":              "SIGNPOST_MAIL__HOTS: there is no setting mail.hots:",
		"SIGNPOST_MAILS__HOST":             "SIGNPOST_MAILS__HOST: there is no setting mails.host:",
		"SIGNPOST_RETENTION__DETAILS__DAY": "there is no setting retention.details.day:",
		"SIGNPOST_MAIL_HOST":               "SIGNPOST_MAIL_HOST: write SIGNPOST_MAIL__HOST for the setting mail.host",
		"SIGNPOST_MASTER__KEY":             "SIGNPOST_MASTER__KEY: write SIGNPOST_MASTER_KEY for the setting master_key",
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv(name, "a.example")
			_, err := Read("", "data")
			if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
				t.Errorf("%v, want %q", err, want)
			}
		})
	}
}

func TestOrigin(t *testing.T) {
	for address, want := range map[string]string{
		"https://cis2.example:443": "https://cis2.example", "HTTPS://CIS2.example:8443": "https://cis2.example:8443",
		"http://cis2.localhost:8080": "http://cis2.localhost:8080",
	} {
		if got := Origin(address); got != want {
			t.Errorf("%s: %s, want %s", address, got, want)
		}
	}
}

// All that is wrong is said at once, each with the setting's name.
func TestForServingNamesEverySetting(t *testing.T) {
	c := Usual("data")
	c.Proxies = []string{"10.0.0.0"}
	c.Addresses.DoS = "https://dos.example.nhs.uk"
	c.Keys.OverlapHours = 1
	c.ServiceDesk = ServiceDesk{Name: strings.Repeat("x", 101), Telephone: "extension 7", Email: "the desk"}
	got := c.ForServing().Error()
	for i, line := range strings.Split(got, "\n") {
		want := []string{"addresses.cis2: ", "addresses.cim: ", "mail.host and mail.from: ",
			"service_desk.telephone: ", "service_desk.email: ", "service_desk.name and service_desk.hours: ",
			"proxies: ", "keys: "}[i]
		if !strings.HasPrefix(line, want) {
			t.Errorf("line %d is %q, want it to begin with %q", i+1, line, want)
		}
	}
}

// safe gives a configuration that can be served.
func safe() Config {
	c := Usual("data")
	c.Addresses = Addresses{DoS: "https://dos.example", CIS2: "https://cis2.example", CIM: "https://cim.example"}
	c.Mail.Host = "mail.example"
	c.Mail.From = "signpost@example.nhs.uk"
	return c
}

// What would let others read passwords and codes on the way, or give two sites one host's cookies, is refused.
func TestForServingRefusesWhatIsNotSafe(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*Config)
		want   string
	}{
		"as it should be":      {func(*Config) {}, ""},
		"http on this machine": {func(c *Config) { c.Addresses.DoS = "http://dos.localhost:8080" }, ""},
		"http by number":       {func(c *Config) { c.Addresses.DoS = "http://127.0.0.1:8080" }, ""},
		"http":                 {func(c *Config) { c.Addresses.DoS = "http://dos.example" }, "addresses.dos: begin "},
		"http in capitals":     {func(c *Config) { c.Addresses.DoS = "HTTP://dos.example" }, "addresses.dos: begin "},
		"https in capitals":    {func(c *Config) { c.Addresses.DoS = "HTTPS://DOS.example" }, ""},
		"no such port":         {func(c *Config) { c.Addresses.DoS = "https://dos.example:99999" }, "addresses.dos: the "},
		"no port after all":    {func(c *Config) { c.Addresses.DoS = "https://dos.example:" }, "addresses.dos: the "},
		"another CIS2": {
			func(c *Config) {
				c.Directory = Directory{Issuer: "https://am.example:443/openam/realms/x", ClientID: "1"}
			}, "",
		},
		"a CIS2 where we are nobody": {
			func(c *Config) { c.Directory.Issuer = "https://am.example/x" }, "directory.client_id: set ",
		},
		"signed as CIS2 does not take it": {
			func(c *Config) {
				c.Directory = Directory{Issuer: "https://am.example/x", ClientID: "1", Signing: "HS256"}
			},
			`directory.signing: "HS256" must be RS512 or RS256`,
		},
		"a CIS2 over http":    {func(c *Config) { c.Directory.Issuer = "Http://am.example/x" }, "directory.issuer: begin "},
		"a CIS2 without http": {func(c *Config) { c.Directory.Issuer = "am.example" }, "directory.issuer: the address "},
		"gateway of no network": {func(c *Config) {
			c.Gateways = []Gateway{{Network: "192.0.2.1", WrongPerMinute: 200}}
		}, "gateways.network: \"192.0.2.1\" must be a network"},
		"gateway of part of a network": {func(c *Config) {
			c.Gateways = []Gateway{{Network: "192.0.2.1/28", WrongPerMinute: 200}}
		}, "gateways.network: \"192.0.2.1/28\" must be a network"},
		"gateway with less than others": {func(c *Config) {
			c.Gateways = []Gateway{{Network: "192.0.2.0/28", WrongPerMinute: 19}}
		}, "gateways.wrong_per_minute: set 20 or more for 192.0.2.0/28"},
		"metadata over http":   {func(c *Config) { c.Directory.Discovery = "http://am.example/x" }, "directory.discovery: begin "},
		"an extract here":      {func(c *Config) { c.Extract.URL = "http://[::1]:8080/x" }, ""},
		"an extract over http": {func(c *Config) { c.Extract.URL = "http://cim.example" }, "extract.url: begin "},
		"an extract, no port":  {func(c *Config) { c.Extract.URL = "https://cim.example:0" }, "extract.url: the address "},
		"an extract by name":   {func(c *Config) { c.Extract.URL = "cim.example" }, "extract.url: the address "},
		"an extract of a user": {func(c *Config) { c.Extract.URL = "https://a:b@cim.example" }, "extract.url: the address "},
		"another engine":       {func(c *Config) { c.Databases.DoS = "mysql://db/dos" }, "databases.dos: the address "},
		"a server misspelt":    {func(c *Config) { c.Databases.CareID = "postgress://db/x" }, "databases.careid: the "},
		"mail with a port":     {func(c *Config) { c.Mail.Host = "mail.example:25" }, "mail.host: "},
		"mail by number":       {func(c *Config) { c.Mail.Host = "fd12::1" }, ""},
		"mail without a port":  {func(c *Config) { c.Mail.Port = 0 }, "mail.port: "},
		"http of another name": {func(c *Config) { c.Addresses.CIM = "http://localhost.example" }, "addresses.cim: begin "},
		"one host twice": {
			func(c *Config) { c.Addresses.CIM = "https://DOS.example:8443" }, "addresses.cim: addresses.dos has the host ",
		},
		"a stop backwards":        {func(c *Config) { c.Stop.WaitSeconds = -1 }, "stop: "},
		"a stop without end":      {func(c *Config) { c.Stop.FinishSeconds = 3600 }, "stop: "},
		"too little memory":       {func(c *Config) { c.Limits.MemoryMiB = 64 }, "limits.memory_mib: "},
		"memory enough":           {func(c *Config) { c.Limits.MemoryMiB = 128 }, ""},
		"no connections":          {func(c *Config) { c.Limits.Connections = 0 }, "limits.connections: "},
		"text messages":           {func(c *Config) { c.Text = notify() }, ""},
		"texts of no service":     {func(c *Config) { c.Text.Secret = notify().Secret }, "text.service: name it"},
		"texts to nowhere":        {func(c *Config) { c.Text = notify(); c.Text.Address = "http://x.example" }, "text.address: "},
		"texts of a name":         {func(c *Config) { c.Text = notify(); c.Text.Service = "trust" }, "text.service: \"trust\" must"},
		"texts of no template":    {func(c *Config) { c.Text = notify(); c.Text.Template = "" }, "text.template: \"\" must"},
		"texts without a secret":  {func(c *Config) { c.Text = notify(); c.Text.Secret = "" }, "text.secret: set the last"},
		"mail from nobody":        {func(c *Config) { c.Mail.From = "Signpost" }, "mail.from: "},
		"plain mail elsewhere":    {func(c *Config) { c.Mail.Plain = true }, "mail.plain: "},
		"an extract with a slash": {func(c *Config) { c.Extract.URL = "https://cim.example/" }, "extract.url: take "},
		"no private host":         {func(c *Config) { c.PrivateHosts = []string{"*"} }, "private_hosts: "},
		"a kind that is misspelt": {
			func(c *Config) { c.Retention.Details = []Details{{"signin.refuesd", 9}} },
			`retention.details: there is no kind of event "signin.refuesd": write "signin.refused" if that is meant`,
		},
		"a kind that is nothing": {
			func(c *Config) { c.Retention.Details = []Details{{"?", 9}} },
			`retention.details: there is no kind of event "?": mend it or take it out`,
		},
		"plain mail here": {
			func(c *Config) {
				c.Mail.Plain = true
				c.Mail.Host = "localhost"
			}, "",
		},
	} {
		c := safe()
		tt.change(&c)
		err := c.ForServing()
		if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.HasPrefix(err.Error(), tt.want)) {
			t.Errorf("%s: %v, want %q", name, err, tt.want)
		}
	}
}

// notify names a gateway of text messages.
func notify() Text {
	return Text{
		Service: "4f2ab5d1-0c9e-4b7a-9a51-3f3f1f4f0c11", Secret: "a7c1d2e3-8f90-4a1b-8c2d-5e6f70819203",
		Template: "0b9f1a2c-3d4e-4f50-9617-28394a5b6c7d",
	}
}

// Whoever sets one of two settings that need each other is told so: alone it would do nothing, and nobody would know.
func TestForServingRefusesHalfOfWhatBelongsTogether(t *testing.T) {
	const alone = ": it is of a CIS2 that others run: set directory.issuer to its issuer, or take this out"
	another := Directory{Issuer: "https://am.example/x", ClientID: "1", Discovery: "https://am.example/y", Signing: "RS256"}
	module := HSM{Module: "/lib/hsm.so", Token: "signpost", Key: usualHSMKey, PINFile: "/etc/pin"}
	for name, tt := range map[string]struct {
		change func(*Config)
		want   string
	}{
		"another CIS2":        {func(c *Config) { c.Directory = another }, ""},
		"metadata of nothing": {func(c *Config) { c.Directory.Discovery = another.Discovery }, "directory.discovery" + alone},
		"a client of nothing": {func(c *Config) { c.Directory.ClientID = "1" }, "directory.client_id" + alone},
		"signed for nothing":  {func(c *Config) { c.Directory.Signing = "RS256" }, "directory.signing" + alone},
		"a mail account": {
			func(c *Config) {
				c.Mail.Username = "signpost"
				c.Mail.Password = "a password"
			}, "",
		},
		"no mail password":    {func(c *Config) { c.Mail.Username = "signpost" }, "mail.username and mail.password: set both"},
		"no mail username":    {func(c *Config) { c.Mail.Password = "a password" }, "mail.username and mail.password: set both"},
		"a security module":   {func(c *Config) { c.HSM = module }, ""},
		"a module elsewhere":  {func(c *Config) { c.HSM.PIN = "1234" }, "hsm.module: name the library"},
		"a key of no module":  {func(c *Config) { c.HSM.Key = "mine" }, "hsm.module: name the library"},
		"no token":            {func(c *Config) { c.HSM = HSM{Module: "x", Key: "y", PIN: "1"} }, "hsm.token: name "},
		"no PIN":              {func(c *Config) { c.HSM = HSM{Module: "x", Token: "t", Key: "y"} }, "hsm.pin_file: name "},
		"no key":              {func(c *Config) { c.HSM = HSM{Module: "x", Token: "t", PIN: "1"} }, "hsm.key: name "},
		"two PINs":            {func(c *Config) { c.HSM = HSM{"x", "t", "y", "/f", "1"} }, "hsm.pin and hsm.pin_file: set one "},
		"a kind of no days":   {func(c *Config) { c.Retention.Details = []Details{{Kind: "signin.refused"}} }, "retention.details: "},
		"the port of nowhere": {noOwnCIS2, "addresses.explicit_port: it is about the issuer"},
	} {
		c := safe()
		tt.change(&c)
		err := c.ForServing("dos")
		if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.HasPrefix(err.Error(), tt.want)) {
			t.Errorf("%s: %v, want %q", name, err, tt.want)
		}
	}
}

// noOwnCIS2 leaves the directory alone, with a CIS2 that others run, and a setting of our own.
func noOwnCIS2(c *Config) {
	c.Directory = Directory{Issuer: "https://am.example/x", ClientID: "1"}
	c.Addresses = Addresses{DoS: "https://dos.example", ExplicitPort: true}
}

// A directory whose people sign in at a CIS2 that others run needs no address of one of its own.
func TestAddressesThatANodeNeeds(t *testing.T) {
	c := safe()
	c.Addresses = Addresses{DoS: "https://dos.example"}
	if err := c.ForServing("dos"); err == nil || !strings.HasPrefix(err.Error(), "addresses.cis2: ") {
		t.Errorf("with our own CIS2: %v", err)
	}
	c.Directory = Directory{Issuer: "https://am.example/x", ClientID: "1"}
	if err := c.ForServing("dos"); err != nil {
		t.Errorf("with another: %v", err)
	}
	if err := c.ForServing("dos", "cis2"); err == nil {
		t.Error("a node that runs CIS2 does without its address")
	}
	c.Addresses.CIM = "http://cim.example"
	if err := c.ForServing("dos"); err == nil || !strings.HasPrefix(err.Error(), "addresses.cim: begin ") {
		t.Errorf("an address that is not needed, and wrong: %v", err)
	}
}

func TestServiceDesk(t *testing.T) {
	for want, desk := range map[string]ServiceDesk{
		"":                            {},
		"Service desk: 0300 123 4567": {Telephone: "0300 123 4567"},
		"IT: +44 (0)1632 960900, desk@a.example (9am to 5pm)": {
			Name: "IT", Telephone: "+44 (0)1632 960900", Email: "desk@a.example", Hours: "9am to 5pm",
		},
	} {
		if got := desk.Line(); got != want || desk.check() != nil {
			t.Errorf("%+v: %q, %v; want %q", desk, got, desk.check(), want)
		}
	}
	if (ServiceDesk{Name: "IT"}).check() == nil {
		t.Error("a service desk that nobody can reach is accepted")
	}
}

func TestHostOf(t *testing.T) {
	for address, ok := range map[string]bool{
		"https://dos.example.nhs.uk": true, "http://dos.localhost:8080": true,
		"https://dos.example.nhs.uk/": false, "dos.example": false, "": false, "ftp://x": false,
	} {
		if _, err := HostOf(address); (err == nil) != ok {
			t.Errorf("HostOf(%q) = %v, want ok %v", address, err, ok)
		}
	}
}

// The national issuer names its port where nobody would (reference, CIS2 Authentication §1).
func TestIssuerWithAnExplicitPort(t *testing.T) {
	for _, tt := range []struct {
		address  string
		explicit bool
		want     string
	}{
		{"https://cis2.example.nhs.uk", false, "https://cis2.example.nhs.uk" + cis2.Realm},
		{"https://cis2.example.nhs.uk", true, "https://cis2.example.nhs.uk:443" + cis2.Realm},
		{"http://cis2.localhost", true, "http://cis2.localhost:80" + cis2.Realm},
		{"http://cis2.localhost:8080", true, "http://cis2.localhost:8080" + cis2.Realm},
	} {
		if got := (Addresses{CIS2: tt.address, ExplicitPort: tt.explicit}).Issuer(); got != tt.want {
			t.Errorf("%s, explicit %v: %s, want %s", tt.address, tt.explicit, got, tt.want)
		}
	}
}

// An entry of private_hosts that could never be followed is refused: whoever wrote it believes that it holds.
func TestPrivateHostsThatAreNoneAreRefused(t *testing.T) {
	for _, entry := range []string{"rota.internal", "ROTA.internal.", "rota", "rota.internal:8443", "10.1.2.3",
		"10.1.2.3:8443", "fd12::1", "[fd12::1]:8443", "rota_a.internal", "127.0.0.1"} {
		if problems := (Config{PrivateHosts: []string{entry}}).checkPrivateHosts(); len(problems) > 0 {
			t.Errorf("%q is refused: %v", entry, problems)
		}
	}
	refused := map[string]string{
		"169.254.169.254": "take it out", "[fd00:ec2::254]:80": "take it out", "0.0.0.0": "take it out",
	}
	for _, entry := range []string{"", "https://rota.internal", "rota.internal/", "*.internal", "10.0.0.0/8",
		"rota.internal:", "rota.internal:https", "rota.internal:99999", "rota internal", "a.internal, b.internal",
		".internal", "user@rota.internal", "[fd12::1]", "rota..internal", "-rota"} {
		refused[entry] = "must be a host"
	}
	for entry, want := range refused {
		problems := (Config{PrivateHosts: []string{entry}}).checkPrivateHosts()
		if len(problems) != 1 || !strings.HasPrefix(problems[0].Error(), "private_hosts: ") ||
			!strings.Contains(problems[0].Error(), want) {
			t.Errorf("%q: %v, want %q", entry, problems, want)
		}
	}
	t.Logf("tried %d, accepted 0", len(refused))
}

// elsewhere is a provider of accounts as it should be.
