package doctor

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"strings"

	"signpost/internal/app"
	"signpost/internal/platform/fetch"
	"signpost/internal/platform/seal"
)

// configuration looks whether what is configured can be served at all.
func (x *examination) configuration(context.Context) {
	const check = "configuration"
	err := x.Config.ForServing(x.Sites...)
	if err == nil {
		x.ok(check, "complete")
		return
	}
	for problem := range strings.Lines(err.Error()) {
		x.fail(check, strings.TrimSpace(problem), "Change it; docs/running.md shows each setting.")
	}
}

// folder looks whether the data folder is ours alone, and can be written to.
func (x *examination) folder(context.Context) {
	const check = "data folder"
	path := x.Config.Data
	about, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		x.ok(check, "%s is not there yet: the first start makes it", path)
		return
	}
	if err != nil {
		x.error(check, err)
		return
	}
	if about.Mode().Perm()&0o077 != 0 {
		x.fail(check, path+" can be read by others.", "Run chmod 700 "+path+".")
		return
	}
	file, err := os.CreateTemp(path, "doctor-*")
	if err != nil {
		x.error(check, err)
		return
	}
	_ = file.Close()
	if err := os.Remove(file.Name()); err != nil {
		x.error(check, err)
		return
	}
	x.ok(check, "%s can be written to", path)
}

// masterKey reads the master keys, and looks whether they open what was sealed before.
func (x *examination) masterKey(context.Context) {
	const check = "master key"
	box, err := app.OpenBox(x.Config, false)
	if err == nil {
		err = app.CheckSealed(x.Config, box)
	}
	used := app.UsedBefore(x.Config)
	switch {
	case err == nil:
		x.box = box
		x.ok(check, "%s opens, and what is sealed opens with it", x.Config.MasterKeyFile())
	case !errors.Is(err, seal.ErrMissing):
		x.error(check, err)
	case used != "":
		x.fail(check, x.Config.MasterKeyFile()+" is missing, and "+used+" is sealed with it.",
			"Bring it back from its copy, or name it by master_key in the configuration.")
	case app.CareID.Exists(x.Config) || app.DoS.Exists(x.Config):
		x.wait(check, x.Config.MasterKeyFile()+" is not there. There is a database, or one is named.",
			"If the system was used before, bring the key back from its copy; else the first start makes it.")
	default:
		x.ok(check, "%s is not there yet: the first start makes it", x.Config.MasterKeyFile())
	}
}

// databases looks whether the databases of the sites that are run can be reached.
func (x *examination) databases(ctx context.Context) {
	if x.runs("dos") {
		x.database(ctx, "directory database", app.DoS)
	}
	const care = "care identity database"
	switch evidence := app.CareIdentityKey(x.Config); {
	case !x.runs("cis2") && !x.runs("cim"):
	case !app.CareID.Exists(x.Config) && evidence != "":
		x.fail(care, "not there, though this system was used before: its key "+evidence+" is.",
			"Restore the database from its backup, or mend its address. To start from nothing, name an empty folder.")
	default:
		x.care = x.database(ctx, care, app.CareID)
	}
}

// database looks at a database, and reports whether it is there and up to date.
func (x *examination) database(ctx context.Context, check string, side app.Side) bool {
	if !side.Exists(x.Config) {
		x.ok(check, "not there yet: the first start makes it")
		return false
	}
	found, err := side.Reach(ctx, x.Config)
	switch {
	case err != nil:
		x.error(check, err)
	case found.Foreign:
		x.wait(check, "answers, and has no tables of Signpost.",
			"The first start makes them. If the system was used before, this is not its database: mend its address.")
	case len(found.Problems) > 0:
		for _, problem := range found.Problems {
			x.fail(check, problem, "Run the version of Signpost that it was last used with, or a later one.")
		}
	case found.Note != "":
		x.ok(check, "answers; migrations applied: %d; %s", found.Looked, found.Note)
	default:
		x.ok(check, "answers; migrations applied: %d", found.Looked)
		return true
	}
	return false
}

// addresses looks whether the addresses at which a node listens are free, or are those of a node that serves already.
func (x *examination) addresses(ctx context.Context) {
	type listener struct{ setting, address string }
	all := []listener{{"operations", x.Config.Operations}, {"listen", x.Config.Listen}}
	if x.Config.Smartcard.Set() && x.runs("cis2") {
		all = append(all, listener{"smartcard.listen", x.Config.Smartcard.Listen})
	}
	for _, l := range all {
		err := listen(ctx, l.setting, l.address)
		switch {
		case err == nil:
			x.ok(l.setting, "%s is free: no node runs here", l.address)
		case !isTaken(err):
			x.error(l.setting, err)
		case x.serves(ctx):
			x.ok(l.setting, "%s is open: a node runs here and is ready", l.address)
		default:
			x.fail(l.setting, l.address+" is in use, and no node that is ready answers at "+x.Config.Operations+".",
				fmt.Sprintf("Stop the program that listens there, or change %q.", l.setting))
		}
	}
}

// listen opens an address to listen at, and gives it up.
func listen(ctx context.Context, setting, address string) error {
	open, err := app.Listen(ctx, slog.New(slog.DiscardHandler), app.Listener{Name: setting, Address: address})
	if err != nil {
		return err
	}
	return open.Close()
}

// serves asks the address for operations whether a node is ready.
func (x *examination) serves(ctx context.Context) bool {
	host, port, err := net.SplitHostPort(x.Config.Operations)
	if err != nil {
		return false
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	at := net.JoinHostPort(host, port)
	here := fetch.New(fetch.Options{PrivateHosts: []string{at}})
	body, err := here.Bytes(ctx, "http://"+at+"/readyz", nil)
	x.running = err == nil && string(body) == "ready\n"
	return x.running
}

func isTaken(err error) bool {
	_, is := errors.AsType[app.TakenError](err)
	return is
}
