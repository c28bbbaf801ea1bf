package fetch

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"syscall"
	"time"
)

// dialer connects, and looks at the very address that is about to be connected to: a name that
// resolves to something else the second time gains nothing.
type dialer struct {
	loopback bool
	private  map[string]bool // names of hosts that may be in a private network
}

func newDialer(o Options) *dialer {
	d := &dialer{loopback: o.AllowLoopback, private: map[string]bool{}}
	for _, host := range o.PrivateHosts {
		d.private[plainHost(host)] = true
	}
	return d
}

func (d *dialer) dial(ctx context.Context, network, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("connect to %s: %w", address, err)
	}
	connect := net.Dialer{Timeout: 10 * time.Second, Control: d.control(plainHost(host))}
	if !isLocalhost(host) {
		return connect.DialContext(ctx, network, address)
	}
	// Browsers take every name under localhost for loopback (RFC 6761); Go's resolver does not.
	conn, err4 := connect.DialContext(ctx, network, net.JoinHostPort("127.0.0.1", port))
	if err4 == nil || errors.Is(err4, ErrAddress) {
		return conn, err4
	}
	conn, err6 := connect.DialContext(ctx, network, net.JoinHostPort("::1", port))
	if err6 != nil {
		return nil, err4
	}
	return conn, nil
}

func (d *dialer) control(host string) func(network, address string, c syscall.RawConn) error {
	return func(network, address string, _ syscall.RawConn) error {
		if !strings.HasPrefix(network, "tcp") {
			return fmt.Errorf("%w: network %s", ErrAddress, network)
		}
		to, err := netip.ParseAddrPort(address)
		if err != nil {
			return fmt.Errorf("%w: %q: %w", ErrAddress, address, err)
		}
		return admit(to.Addr(), d.loopback, d.private[host])
	}
}

func plainHost(host string) string { return strings.ToLower(strings.TrimSuffix(host, ".")) }

func isLocalhost(host string) bool {
	host = plainHost(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost")
}
