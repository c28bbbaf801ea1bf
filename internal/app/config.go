package app

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"

	"github.com/knadh/koanf/parsers/toml/v2"
	"github.com/knadh/koanf/providers/env/v2"
	"github.com/knadh/koanf/providers/file"
	"github.com/knadh/koanf/v2"

	"signpost/internal/national/cis2"
)

// config is what an operator decides. It comes from a TOML file, and then from the environment, where
// SIGNPOST_MAIL__HOST is mail.host.
type config struct {
	Listen     string   `koanf:"listen"`     // where the sites listen: "127.0.0.1:8080"
	Operations string   `koanf:"operations"` // where /healthz, /readyz and /metrics listen
	Data       string   `koanf:"data"`       // folder of embedded databases and keys
	Proxies    []string `koanf:"proxies"`    // networks of proxies whose X-Forwarded-For is believed

	Addresses addresses      `koanf:"addresses"`
	Databases databases      `koanf:"databases"`
	MasterKey string         `koanf:"master_key"` // file of the sealing keys; in the data folder if empty
	Mail      mailConfig     `koanf:"mail"`
	Directory relyingConfig  `koanf:"directory"`
	Extract   extractAddress `koanf:"extract"`
	Keys      keysConfig     `koanf:"keys"`
	HSM       hsmConfig      `koanf:"hsm"`
}

// addresses are the public addresses of the sites, without a path.
type addresses struct {
	DoS  string `koanf:"dos"`
	CIS2 string `koanf:"cis2"`
	CIM  string `koanf:"cim"`
	// ExplicitPort names the usual port in the issuer and in all of the provider's endpoints, as the
	// national service does: https://…:443/….
	ExplicitPort bool `koanf:"explicit_port"`
}

// issuer is CIS2's issuer, as tokens carry it.
func (a addresses) issuer() string {
	if _, explicit := ports(a.CIS2); a.ExplicitPort {
		return explicit + cis2.Realm
	}
	return a.CIS2 + cis2.Realm
}

// databases are PostgreSQL URLs; a side without one has an SQLite file in the data folder.
type databases struct {
	DoS    string `koanf:"dos"`
	CareID string `koanf:"careid"`
}

// mailConfig is the server that outgoing mail is handed to.
type mailConfig struct {
	Host     string `koanf:"host"`
	Port     int    `koanf:"port"`
	From     string `koanf:"from"`
	Username string `koanf:"username"`
	Password string `koanf:"password"`
	Plain    bool   `koanf:"plain"` // without TLS, for a relay on this machine
}

// relyingConfig says at which CIS2 the directory's users sign in. Without an issuer it is the one this
// system runs itself.
type relyingConfig struct {
	Issuer    string `koanf:"issuer"`
	Discovery string `koanf:"discovery"` // where the metadata is, if not below the issuer
	ClientID  string `koanf:"client_id"`
}

// extractAddress is where the care identity side answers questions about people; empty for none, as
// with the national service.
type extractAddress struct {
	URL string `koanf:"url"`
}

// readConfig reads the file at path, if one is given, and the environment.
func readConfig(path, data string) (config, error) {
	k := koanf.New(".")
	if path != "" {
		if err := k.Load(file.Provider(path), toml.Parser()); err != nil {
			return config{}, fmt.Errorf("read configuration %s: %w", path, err)
		}
	}
	fromEnvironment := env.Provider(".", env.Opt{Prefix: "SIGNPOST_", TransformFunc: func(key, value string) (string, any) {
		key = strings.ToLower(strings.TrimPrefix(key, "SIGNPOST_"))
		return strings.ReplaceAll(key, "__", "."), value
	}})
	if err := k.Load(fromEnvironment, nil); err != nil {
		return config{}, fmt.Errorf("read configuration from the environment: %w", err)
	}
	c := config{Listen: "127.0.0.1:8080", Operations: "127.0.0.1:9090", Data: data, Mail: mailConfig{Port: 587}, Keys: usualKeys(), HSM: hsmConfig{Key: "signpost-master"}}
	if err := k.Unmarshal("", &c); err != nil {
		return config{}, fmt.Errorf("read configuration: %w", err)
	}
	return c, nil
}

// forServing checks what serve needs, and says all that is wrong at once.
func (c config) forServing() error {
	var wrong []error
	for name, address := range map[string]string{"addresses.dos": c.Addresses.DoS, "addresses.cis2": c.Addresses.CIS2, "addresses.cim": c.Addresses.CIM} {
		if _, err := hostOf(address); err != nil {
			wrong = append(wrong, fmt.Errorf("%s: %w", name, err))
		}
	}
	if c.Mail.Host == "" || c.Mail.From == "" {
		wrong = append(wrong, errors.New("mail.host and mail.from: set the mail server that codes are sent by"))
	}
	if _, err := c.proxies(); err != nil {
		wrong = append(wrong, err)
	}
	if err := c.Keys.check(); err != nil {
		wrong = append(wrong, err)
	}
	return errors.Join(wrong...)
}

func (c config) proxies() ([]netip.Prefix, error) {
	var list []netip.Prefix
	for _, text := range c.Proxies {
		p, err := netip.ParsePrefix(text)
		if err != nil {
			return nil, fmt.Errorf("proxies: %q must be a network like 10.0.0.0/24", text)
		}
		list = append(list, p)
	}
	return list, nil
}

// source is where a side's database is.
func (c config) source(url, name string) string {
	if url != "" {
		return url
	}
	return filepath.Join(c.Data, name+".db")
}

func (c config) masterKey() string {
	if c.MasterKey != "" {
		return c.MasterKey
	}
	return filepath.Join(c.Data, "master.key")
}

// folder makes sure that the data folder is there and ours alone.
func (c config) folder() error {
	if err := os.MkdirAll(c.Data, 0o700); err != nil {
		return fmt.Errorf("make data folder: %w", err)
	}
	return nil
}
