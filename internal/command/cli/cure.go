package cli

import (
	"errors"
	"fmt"
	"io/fs"

	"signpost/internal/app"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/seal"
)

// Cured says what to do about an error that keeps a node from starting, where the error does not say it itself.
func Cured(err error) error {
	f, known := fault.From(err)
	if err == nil || known && f.Cure != "" {
		return err
	}
	return fault.SayCure(fault.Invalid, fault.InOneLine(err), cureOf(err))
}

// Incomplete tells that nothing can be served by a configuration. problems names each setting and what it must be.
func Incomplete(problems error) error {
	return fmt.Errorf("the configuration is not complete:\n%w", problems)
}

// cureOf chooses a cure by the kind of the error. The first that fits is taken.
func cureOf(err error) string {
	for _, c := range cures {
		if c.fits(err) {
			return c.cure
		}
	}
	return "Mend what is named here and start again; docs/running.md says what each setting needs."
}

var cures = []struct {
	fits func(error) bool
	cure string
}{
	{is(seal.ErrOtherKey),
		"Bring back the master key of that time from its copy, or name it by master_key in the configuration."},
	{isA[app.ListenError], "Name an address of this machine and a free port, like 127.0.0.1:8080; " +
		"ports below 1024 need the right to them (CAP_NET_BIND_SERVICE)."},
	{is(db.ErrUnreached),
		"See whether the PostgreSQL server runs, and mend its address, user or password under [databases]."},
	{is(fs.ErrNotExist), "Mend its name, or make it first; docs/running.md says what each setting needs."},
	{isA[*fs.PathError],
		"Let the user that Signpost runs as read and write there, or name another place in the configuration."},
}

// is fits errors that are one in particular.
func is(target error) func(error) bool {
	return func(err error) bool { return errors.Is(err, target) }
}

// isA fits errors of a type.
func isA[T error](err error) bool {
	_, fits := errors.AsType[T](err)
	return fits
}
