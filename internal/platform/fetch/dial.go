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
	private  map[string]bool // hosts, or hosts with a port, that may be in a private network or on this machine
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
	connect := net.Dialer{Timeout: 10 * time.Second, Control: d.control(d.named(host, port))}
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

// named reports whether a host was named as one that need not be public, for this port or for any.
func (d *dialer) named(host, port string) bool {
	host = plainHost(host)
	return d.private[host] || d.private[net.JoinHostPort(host, port)]
}

func (d *dialer) control(named bool) func(network, address string, c syscall.RawConn) error {
	return func(network, address string, _ syscall.RawConn) error {
		if !strings.HasPrefix(network, "tcp") {
			return fmt.Errorf("%w: network %s", ErrAddress, network)
		}
		to, err := netip.ParseAddrPort(address)
		if err != nil {
			return fmt.Errorf("%w: %q: %w", ErrAddress, address, err)
		}
		return admit(to.Addr(), d.loopback || named, named)
	}
}

func plainHost(host string) string { return strings.ToLower(strings.TrimSuffix(host, ".")) }

// isLocalhost reports whether a name is one that browsers take for this machine (RFC 6761 §6.3).
func isLocalhost(host string) bool {
	host = plainHost(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost")
}

// ThisMachine reports whether a host, a name or an address, can only be this machine.
func ThisMachine(host string) bool {
	if isLocalhost(host) {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}
