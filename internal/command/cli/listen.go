package cli

import (
	"context"
	"errors"
	"net"
	"strconv"

	"signpost/internal/app"
	"signpost/internal/platform/fault"
)

// Loopback gives the port of an address of this machine; any other address is refused, for the reason given.
func Loopback(listen, example, reason string) (port string, err error) {
	host, port, err := net.SplitHostPort(listen)
	if err != nil || !net.ParseIP(host).IsLoopback() {
		return "", UsageError("--listen must be an address of this machine, like " + example + ": " + reason)
	}
	return port, nil
}

// UnlessStopped leaves out the error of a start that was told to end before it was over, which is no failure.
func UnlessStopped(ctx context.Context, err error) error {
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// OtherPort says how another port is chosen, where the error is that the one of --listen is taken.
func OtherPort(err error) error {
	taken, is := errors.AsType[app.TakenError](err)
	if !is || taken.Name == "operations" {
		return err
	}
	host, port, _ := net.SplitHostPort(taken.Address)
	number, _ := strconv.Atoi(port)
	return fault.SayCure(fault.Conflict, taken.Error()+".",
		"Choose another port, such as --listen "+net.JoinHostPort(host, strconv.Itoa(number+1))+".")
}
