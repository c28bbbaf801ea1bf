// Package config reads what an operator decides: signpost.toml, and then the environment, as one checked
// value. It knows no command line, and opens nothing that it names.
package config

import (
	"errors"
	"fmt"
	"maps"
	"net/mail"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"

	"github.com/knadh/koanf/parsers/toml/v2"
	"github.com/knadh/koanf/providers/env/v2"
	"github.com/knadh/koanf/providers/file"
	"github.com/knadh/koanf/v2"

	"signpost/internal/platform/fetch"
)

// Config holds what an operator decides. Each setting stands in the TOML file under the name it has here, and
// in the environment: SIGNPOST_MAIL__HOST is mail.host.
type Config struct {
	Listen     string   `koanf:"listen"`     // where the sites listen: "127.0.0.1:8080"
	Operations string   `koanf:"operations"` // where /healthz, /readyz and /metrics listen
	Data       string   `koanf:"data"`       // folder of embedded databases and keys
	Proxies    []string `koanf:"proxies"`    // networks of proxies whose X-Forwarded-For is believed

	// hosts of clients' key sets and logout addresses that may be in a private network or on this machine
	PrivateHosts []string `koanf:"private_hosts"`

	Addresses Addresses `koanf:"addresses"`
	Databases Databases `koanf:"databases"`
	MasterKey string    `koanf:"master_key"` // file of the sealing keys; in the data folder if empty
	Passwords Passwords `koanf:"passwords"`
	Mail      Mail      `koanf:"mail"`
	MailIn    MailIn    `koanf:"mail_in"`
	Text      Text      `koanf:"text"`

	ServiceDesk ServiceDesk `koanf:"service_desk"`
	ServiceNow  ServiceNow  `koanf:"servicenow"`

	Registration Registration `koanf:"registration"`
	Apply        Apply        `koanf:"apply"`

	BreakGlass BreakGlass `koanf:"break_glass"`
	Waves      Waves      `koanf:"waves"`

	Directory Directory `koanf:"directory"`
	Extract   Extract   `koanf:"extract"`
	Keys      Keys      `koanf:"keys"`
	HSM       HSM       `koanf:"hsm"`
	Smartcard Smartcard `koanf:"smartcard"`
	IPad      IPad      `koanf:"ipad"`
	Retention Retention `koanf:"retention"`
	Limits    Limits    `koanf:"limits"`
	Gateways  []Gateway `koanf:"gateways"`

	Upstreams []Upstream `koanf:"upstreams"`

	Stop Stop `koanf:"stop"`
}

// Databases are PostgreSQL URLs; a side without one has an SQLite file in the data folder.
type Databases struct {
	DoS    string `koanf:"dos"`
	CareID string `koanf:"careid"`
}

// check refuses an address of another engine, which would be taken for the name of a file.
func (d Databases) check() (problems []error) {
	for _, side := range []struct{ setting, address string }{
		{"databases.dos", d.DoS}, {"databases.careid", d.CareID},
	} {
		scheme, _, isAddress := strings.Cut(side.address, "://")
		if isAddress && scheme != "postgres" && scheme != "postgresql" {
			const text = "%s: the address must begin with postgres://, like postgres://signpost@db/dos"
			problems = append(problems, fmt.Errorf(text, side.setting))
		}
	}
	return problems
}

// Mail names the server that outgoing mail is handed to.
type Mail struct {
	Host     string `koanf:"host"`
	Port     int    `koanf:"port"`
	From     string `koanf:"from"`
	Username string `koanf:"username"`
	Password string `koanf:"password"`
	Plain    bool   `koanf:"plain"` // without TLS, for a relay on this machine
	// PerMinute is how many of the mails that go to many go in a minute, so that those who are asked by their readers
	// can answer; 0 for as many as the server takes.
	PerMinute int `koanf:"per_minute"`
}

const usualPerMinute = 300

func (m Mail) check() (problems []error) {
	if m.Host == "" || m.From == "" {
		return []error{errors.New("mail.host and mail.from: set the mail server that codes are sent by")}
	}
	if _, err := mail.ParseAddress(m.From); err != nil {
		problems = append(problems,
			fmt.Errorf("mail.from: %q must be an address like signpost@example.nhs.uk", m.From))
	}
	if strings.ContainsAny(m.Host, ":/@ ") && !isNumber(m.Host) {
		problems = append(problems,
			fmt.Errorf("mail.host: %q must be a name like smtp.example.nhs.uk; its port is mail.port", m.Host))
	}
	if m.Port < 1 || m.Port > maxPort {
		problems = append(problems, fmt.Errorf("mail.port: %d must be from 1 to %d, such as 587", m.Port, maxPort))
	}
	if m.PerMinute < 0 {
		problems = append(problems, fmt.Errorf("mail.per_minute: %d must be 0 for no limit, or more", m.PerMinute))
	}
	if (m.Username == "") != (m.Password == "") {
		problems = append(problems, errors.New("mail.username and mail.password: set both, or take both out"))
	}
	if m.Plain && !fetch.ThisMachine(m.Host) {
		const text = "mail.plain: codes would go to %s for all to read: take it out, or send by a relay on this machine"
		problems = append(problems, fmt.Errorf(text, m.Host))
	}
	return problems
}

// isNumber reports whether a host is named by its number, which may have colons in it.
func isNumber(host string) bool {
	_, err := netip.ParseAddr(host)
	return err == nil
}

// Extract says where the care identity side answers questions about people; empty for none, as with the
// national service.
type Extract struct {
	URL string `koanf:"url"`
}

// check refuses an address to which the path of the questions cannot be added.
func (e Extract) check() error {
	if strings.HasSuffix(e.URL, "/") {
		return fmt.Errorf("extract.url: take the slash from the end of %q: what is asked is added to it", e.URL)
	}
	return checkAddress("extract.url", e.URL)
}

// Usual gives the settings of an operator who decided nothing but the data folder.
func Usual(data string) Config {
	return Config{
		Listen: "127.0.0.1:8080", Operations: "127.0.0.1:9090", Data: data,
		Mail: Mail{Port: 587, PerMinute: usualPerMinute}, Keys: usualKeys(), HSM: HSM{Key: usualHSMKey},
		Retention: usualRetention(), Limits: usualLimits(), Stop: usualStop(), BreakGlass: usualBreakGlass(),
		Registration: usualRegistration(), Apply: usualApply(),
		Waves: usualWaves(),
	}
}

// Read reads the file at path, if one is given, and the environment. What neither says is as usual.
func Read(path, data string) (Config, error) {
	k := koanf.New(".")
	if path != "" {
		if err := k.Load(file.Provider(path), toml.Parser()); err != nil {
			return Config{}, fmt.Errorf("read configuration %s%s: %w", path, place(err), err)
		}
		if err := checkNames(k.Raw()); err != nil {
			return Config{}, fmt.Errorf("%s: %w", path, err)
		}
	}
	variables, err := env.Provider("", env.Opt{Prefix: prefix}).Read()
	if err == nil {
		err = checkVariables(slices.Sorted(maps.Keys(variables)))
	}
	if err != nil {
		return Config{}, fmt.Errorf("the environment: %w", err)
	}
	environment := env.Provider(".", env.Opt{Prefix: prefix, TransformFunc: fromEnvironment})
	if err := k.Load(environment, nil); err != nil {
		return Config{}, fmt.Errorf("read configuration from the environment: %w", err)
	}
	c := Usual(data)
	if err := k.Unmarshal("", &c); err != nil {
		return Config{}, fmt.Errorf("read configuration: %w", err)
	}
	return c, nil
}

// place says where in a file the mistake is that it cannot be read for; empty where it is not in one place.
func place(err error) string {
	var mistake interface{ Position() (line, column int) }
	if !errors.As(err, &mistake) {
		return ""
	}
	line, column := mistake.Position()
	return fmt.Sprintf(", line %d, column %d", line, column)
}

// prefix begins the names of the variables that are settings.
const prefix = "SIGNPOST_"

func fromEnvironment(name, value string) (setting string, _ any) {
	name = strings.ToLower(strings.TrimPrefix(name, prefix))
	return strings.ReplaceAll(name, "__", "."), value
}

// ForServing checks what a node needs that serves some sites, and says all that is wrong at once.
func (c Config) ForServing(sites ...string) error {
	problems := c.Addresses.check(c.needed(sites))
	problems = append(problems, c.Databases.check()...)
	problems = append(problems, c.Directory.check()...)
	problems = append(problems, c.Extract.check())
	problems = append(problems, checkGateways(c.Gateways)...)
	problems = append(problems, checkUpstreams(c.Upstreams)...)
	problems = append(problems, c.checkPrivateHosts()...)
	problems = append(problems, c.Mail.check()...)
	problems = append(problems, c.MailIn.check()...)
	problems = append(problems, c.Text.check()...)
	problems = append(problems, c.ServiceDesk.check()...)
	problems = append(problems, c.ServiceNow.check()...)
	problems = append(problems, c.BreakGlass.check()...)
	problems = append(problems, c.Registration.check()...)
	problems = append(problems, c.Apply.check()...)
	problems = append(problems, c.Waves.check()...)
	problems = append(problems, c.Smartcard.check(c.Addresses)...)
	_, err := c.ProxyNetworks()
	problems = append(problems, err, c.HSM.Check(), c.Keys.Check(), c.Retention.check(), c.Limits.check())
	return errors.Join(append(problems, c.Stop.check())...)
}

// needed lists the sites whose addresses a node must know that runs some: all, but for a directory whose people sign in
// at a CIS2 that others run.
func (c Config) needed(sites []string) []string {
	if c.Directory.Issuer != "" && slices.Equal(sites, []string{"dos"}) {
		return sites
	}
	return Sites
}

// ProxyNetworks gives the networks that proxies names.
func (c Config) ProxyNetworks() ([]netip.Prefix, error) { return networks("proxies", c.Proxies) }

// networks reads the networks that a setting names.
func networks(setting string, texts []string) (list []netip.Prefix, err error) {
	for _, text := range texts {
		p, err := netip.ParsePrefix(text)
		if err != nil {
			return nil, fmt.Errorf("%s: %q must be a network like 10.0.0.0/24", setting, text)
		}
		list = append(list, p)
	}
	return list, nil
}

// DoSSource says where the directory side's database is.
func (c Config) DoSSource() string { return c.source(c.Databases.DoS, "dos.db") }

// CareIDSource says where the care identity side's database is.
func (c Config) CareIDSource() string { return c.source(c.Databases.CareID, "careid.db") }

func (c Config) source(url, file string) string {
	if url != "" {
		return url
	}
	return filepath.Join(c.Data, file)
}

// Passwords says what passwords are checked against.
type Passwords struct {
	Breached string `koanf:"breached"` // file of the list that import breached makes; in the data folder if empty
}

// BreachedPasswordsFile says where the list of breached passwords is, if there is one.
func (c Config) BreachedPasswordsFile() string {
	if c.Passwords.Breached != "" {
		return c.Passwords.Breached
	}
	return filepath.Join(c.Data, "breached-passwords")
}

// MasterKeyFile says which file holds the sealing keys.
func (c Config) MasterKeyFile() string {
	if c.MasterKey != "" {
		return c.MasterKey
	}
	return filepath.Join(c.Data, "master.key")
}
